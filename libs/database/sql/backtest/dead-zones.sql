-- Which vehicles lost contact where others had lost it in the 30 days before. Vehicles and times of the loss in ms parallel; $3 log time (ms), $4 so many losses make a dead zone.
-- Indexes: contact_losses_pkey, contact_losses_place.
select l.vehicle
  from unnest($1::int[], $2::float8[]) as l (vehicle, lost)
  join contact_losses c on c.vehicle = l.vehicle and c.lost_at = to_timestamp(l.lost / 1000)::timestamptz(3)
 cross join lateral losses_near(c.organisation_id, c.vehicle, c.latitude, c.longitude, to_timestamp($3::float8 / 1000)) n
 where c.latitude is not null
   and n.losses >= $4::int
