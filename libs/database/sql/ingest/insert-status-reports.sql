-- History of the status topic; its key is the source offset, so a batch that is written again finds its rows.
-- $1–$8 parallel arrays, $9 feed epoch. Index: status_reports_pkey.
insert into status_reports (
  vehicle, organisation_id, received_at, status, reason, attributes, source_partition, source_offset, feed_epoch
)
select r.vehicle, r.organisation_id, to_timestamp(r.received_ms / 1000.0), r.status, r.reason, r.attributes::jsonb,
       r.source_partition, r.source_offset, $9::smallint
  from unnest($1::integer[], $2::integer[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::bigint[], $8::integer[])
    as r (vehicle, organisation_id, received_ms, status, reason, attributes, source_offset, source_partition)
 order by r.received_ms, r.source_offset
on conflict do nothing
