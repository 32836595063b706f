-- The last status of each vehicle, in the log's order. It is shown; it never changes presence.
-- $1–$7 parallel arrays, one row a vehicle. Index: latest_positions_pkey.
insert into latest_positions as l (
  vehicle, organisation_id, last_contact_at, status, status_reason, status_received_at, status_partition, status_offset
)
select r.vehicle, r.organisation_id, to_timestamp(r.received_ms / 1000.0), r.status, r.reason, to_timestamp(r.received_ms / 1000.0),
       r.source_partition, r.source_offset
  from unnest($1::integer[], $2::integer[], $3::bigint[], $4::text[], $5::text[], $6::bigint[], $7::integer[])
    as r (vehicle, organisation_id, received_ms, status, reason, source_offset, source_partition)
 order by r.vehicle
on conflict (vehicle) do update
   set last_contact_at    = greatest(l.last_contact_at, excluded.last_contact_at),
       status             = excluded.status,
       status_reason      = excluded.status_reason,
       status_received_at = excluded.status_received_at,
       status_partition   = excluded.status_partition,
       status_offset      = excluded.status_offset
 where l.status_received_at is null
    or (excluded.status_received_at, excluded.status_offset) > (l.status_received_at, l.status_offset)
