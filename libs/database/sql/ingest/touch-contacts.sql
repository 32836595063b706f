-- Vehicles whose position stayed were heard all the same. After upsert-latest-positions: every row is there and locked.
-- $1 vehicles, $2 receive times (ms), $3 clock offsets (ms) or null. Index: latest_positions_pkey.
update latest_positions l
   set last_contact_at = to_timestamp(c.contact_ms / 1000.0),
       clock_offset_ms = coalesce(c.clock_offset_ms, l.clock_offset_ms)
  from unnest($1::integer[], $2::bigint[], $3::bigint[]) as c (vehicle, contact_ms, clock_offset_ms)
 where l.vehicle = c.vehicle
   and l.last_contact_at < to_timestamp(c.contact_ms / 1000.0)
