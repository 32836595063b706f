-- What is known of each trouble code: seen first and last, and what the newest report said. A late report widens the span and leaves the status.
-- $1–$11 parallel arrays, one row for each (vehicle, dtc). Index: dtc_states_pkey.
insert into dtc_states as d (vehicle, organisation_id, dtc, code, spn, fmi, oc, status, first_seen_at, last_seen_at, identity)
select r.vehicle, r.organisation_id, r.dtc, r.code, r.spn, r.fmi, r.oc, r.status,
       to_timestamp(r.first_ms / 1000.0), to_timestamp(r.last_ms / 1000.0), r.identity
  from unnest(
         $1::integer[], $2::integer[], $3::text[], $4::text[], $5::integer[], $6::integer[], $7::integer[], $8::text[],
         $9::bigint[], $10::bigint[], $11::bigint[]
       ) as r (vehicle, organisation_id, dtc, code, spn, fmi, oc, status, first_ms, last_ms, identity)
 order by r.vehicle, r.dtc
on conflict (vehicle, dtc) do update
   set first_seen_at = least(d.first_seen_at, excluded.first_seen_at),
       last_seen_at  = greatest(d.last_seen_at, excluded.last_seen_at),
       status        = case when (excluded.last_seen_at, excluded.identity) > (d.last_seen_at, d.identity) then excluded.status else d.status end,
       oc            = case when (excluded.last_seen_at, excluded.identity) > (d.last_seen_at, d.identity) then excluded.oc else d.oc end,
       identity      = case when (excluded.last_seen_at, excluded.identity) > (d.last_seen_at, d.identity) then excluded.identity else d.identity end
