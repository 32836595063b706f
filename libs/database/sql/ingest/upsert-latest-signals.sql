-- The newest value of each signal, in recordedAt order: a late report does not replace a newer value. Ties: the higher identity stands.
-- $1–$6 parallel arrays, one row for each (vehicle, name). Index: latest_signals_pkey.
insert into latest_signals as l (vehicle, organisation_id, name, value, recorded_at, identity)
select r.vehicle, r.organisation_id, r.name, r.value::jsonb, to_timestamp(r.recorded_ms / 1000.0), r.identity
  from unnest($1::integer[], $2::integer[], $3::text[], $4::text[], $5::bigint[], $6::bigint[])
    as r (vehicle, organisation_id, name, value, recorded_ms, identity)
 order by r.vehicle, r.name
on conflict (vehicle, name) do update
   set value       = excluded.value,
       recorded_at = excluded.recorded_at,
       identity    = excluded.identity
 where (excluded.recorded_at, excluded.identity) > (l.recorded_at, l.identity)
