-- Vehicles whose position stayed were heard all the same. After upsert-latest-positions: every row is there and locked.
-- $1 vehicles, $2 receive times (ms), $3 clock offsets (ms) or null. Index: latest_positions_pkey.
update latest_positions l
   set last_contact_at = greatest(l.last_contact_at, c.at),
       last_report_at  = greatest(l.last_report_at, c.at),
       clock_offset_ms = case when c.at > l.last_contact_at then coalesce(c.clock_offset_ms, l.clock_offset_ms) else l.clock_offset_ms end
  from (
    select u.vehicle, to_timestamp(u.contact_ms / 1000.0)::timestamptz(3) as at, u.clock_offset_ms
      from unnest($1::integer[], $2::bigint[], $3::bigint[]) as u (vehicle, contact_ms, clock_offset_ms)
  ) c
 where l.vehicle = c.vehicle
   and (l.last_contact_at < c.at or l.last_report_at is null or l.last_report_at < c.at)
