-- When vehicles were last heard, by messages that say nothing of their position. $5 whether these are reports: a status is none.
-- Receive times are a broker's: one whose clock is set back later must not have reports that look older than what it said before.
-- $1 vehicles, $2 organisations, $3 receive times (ms), $4 clock offsets (ms) or null. Index: latest_positions_pkey.
insert into latest_positions as l (vehicle, organisation_id, last_contact_at, last_report_at, clock_offset_ms)
select c.vehicle, c.organisation_id, to_timestamp(c.contact_ms / 1000.0),
       case when $5::boolean then least(to_timestamp(c.contact_ms / 1000.0), now()) end, c.clock_offset_ms
  from unnest($1::integer[], $2::integer[], $3::bigint[], $4::bigint[]) as c (vehicle, organisation_id, contact_ms, clock_offset_ms)
 order by c.vehicle
on conflict (vehicle) do update
   set last_contact_at = greatest(l.last_contact_at, excluded.last_contact_at),
       last_report_at  = greatest(l.last_report_at, excluded.last_report_at),
       clock_offset_ms = case when excluded.last_contact_at > l.last_contact_at then coalesce(excluded.clock_offset_ms, l.clock_offset_ms)
                              else l.clock_offset_ms end
 where l.last_contact_at < excluded.last_contact_at
    or (excluded.last_report_at is not null and (l.last_report_at is null or l.last_report_at < excluded.last_report_at))
