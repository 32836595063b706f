-- Remembers losses of contact, with where the vehicles were seen last. Vehicles, organisations, times in ms and causes parallel. A repeated one changes nothing.
-- Index: latest_positions_pkey.
insert into contact_losses (vehicle, organisation_id, lost_at, cause, latitude, longitude)
select c.vehicle, c.organisation_id, to_timestamp(c.at / 1000), c.cause, p.latitude, p.longitude
  from unnest($1::int[], $2::int[], $3::float8[], $4::text[]) as c (vehicle, organisation_id, at, cause)
  left join latest_positions p on p.vehicle = c.vehicle
on conflict do nothing
