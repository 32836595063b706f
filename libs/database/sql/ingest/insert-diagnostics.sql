-- Diagnostics reports into their daily partitions; a repeat meets its key and is dropped, within the batch too.
-- $1–$14 parallel arrays, $15 feed epoch. Index: diagnostics_pkey.
insert into diagnostics (
  vehicle, organisation_id, recorded_at, identity, received_at, clock_suspect, sequence, signals, dtcs, odometer_km, engine_hours, attributes,
  source_partition, source_offset, feed_epoch
)
select r.vehicle, r.organisation_id, to_timestamp(r.recorded_ms / 1000.0), r.identity, to_timestamp(r.received_ms / 1000.0),
       r.clock_suspect, r.sequence, r.signals::jsonb, r.dtcs::jsonb, r.odometer_km, r.engine_hours, r.attributes::jsonb,
       r.source_partition, r.source_offset, $15::smallint
  from unnest(
         $1::integer[], $2::integer[], $3::bigint[], $4::bigint[], $5::bigint[], $6::boolean[], $7::bigint[],
         $8::text[], $9::text[], $10::double precision[], $11::double precision[], $12::text[], $13::bigint[], $14::integer[]
       ) as r (
         vehicle, organisation_id, recorded_ms, identity, received_ms, clock_suspect, sequence,
         signals, dtcs, odometer_km, engine_hours, attributes, source_offset, source_partition
       )
 order by r.vehicle, r.recorded_ms, r.identity, r.source_offset
on conflict do nothing
