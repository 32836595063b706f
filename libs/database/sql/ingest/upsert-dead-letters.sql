-- Records of which something could not be stored. A replay that fails again updates the row of its original, which is relayed anew.
-- Everything is replaced: where Kafka itself was, the same offset may be another vehicle's, of another organisation.
-- $1–$11 parallel arrays, one row for each (topic, partition, offset). Index: dead_letters_pkey.
insert into dead_letters as d (
  topic, partition, "offset", organisation_id, vehicle_id, record_timestamp, record_key, headers, payload, errors, error_count
)
select r.topic, r.partition, r.record_offset, r.organisation_id, r.vehicle_id, to_timestamp(r.timestamp_ms / 1000.0), r.record_key,
       r.headers::jsonb, r.payload, r.errors::jsonb, r.error_count
  from unnest(
         $1::text[], $2::integer[], $3::bigint[], $4::integer[], $5::text[], $6::bigint[], $7::text[], $8::text[], $9::bytea[],
         $10::text[], $11::integer[]
       ) as r (
         topic, partition, record_offset, organisation_id, vehicle_id, timestamp_ms, record_key, headers, payload, errors, error_count
       )
 order by r.topic, r.partition, r.record_offset
on conflict (topic, partition, "offset") do update
   set at               = now(),
       organisation_id  = excluded.organisation_id,
       vehicle_id       = excluded.vehicle_id,
       record_timestamp = excluded.record_timestamp,
       record_key       = excluded.record_key,
       headers          = excluded.headers,
       payload          = excluded.payload,
       errors           = excluded.errors,
       error_count      = excluded.error_count,
       relayed_at       = null,
       resolved_at      = null
