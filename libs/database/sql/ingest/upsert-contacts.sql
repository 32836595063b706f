-- When vehicles were last heard, by messages that say nothing of their position.
-- $1 vehicles, $2 organisations, $3 receive times (ms), $4 clock offsets (ms) or null. Index: latest_positions_pkey.
insert into latest_positions as l (vehicle, organisation_id, last_contact_at, clock_offset_ms)
select c.vehicle, c.organisation_id, to_timestamp(c.contact_ms / 1000.0), c.clock_offset_ms
  from unnest($1::integer[], $2::integer[], $3::bigint[], $4::bigint[]) as c (vehicle, organisation_id, contact_ms, clock_offset_ms)
 order by c.vehicle
on conflict (vehicle) do update
   set last_contact_at = excluded.last_contact_at,
       clock_offset_ms = coalesce(excluded.clock_offset_ms, l.clock_offset_ms)
 where l.last_contact_at < excluded.last_contact_at
