-- Fixes into their daily partitions; a repeat meets its key and is dropped, within the batch too: the first copy in the log is the one that stays.
-- $1–$24 parallel arrays, $25 feed epoch.
-- Sorted by key, so that writers that meet wait for each other in one order. Index: locations_pkey.
insert into locations (
  vehicle, organisation_id, recorded_at, identity, received_at, latitude, longitude, fix_valid, clock_suspect, ignition, satellites,
  sequence, altitude_m, speed_kph, heading_deg, accuracy_m, hdop, odometer_km, fuel_level_pct, driver_id, events, attributes,
  source_partition, source_offset, feed_epoch
)
select r.vehicle, r.organisation_id, to_timestamp(r.recorded_ms / 1000.0), r.identity, to_timestamp(r.received_ms / 1000.0),
       r.latitude, r.longitude, r.fix_valid, r.clock_suspect, r.ignition, r.satellites,
       r.sequence, r.altitude_m, r.speed_kph, r.heading_deg, r.accuracy_m, r.hdop, r.odometer_km, r.fuel_level_pct,
       r.driver_id, r.events::jsonb, r.attributes::jsonb,
       r.source_partition, r.source_offset, $25::smallint
  from unnest(
         $1::integer[], $2::integer[], $3::bigint[], $4::bigint[], $5::bigint[], $6::double precision[], $7::double precision[],
         $8::boolean[], $9::boolean[], $10::boolean[], $11::integer[], $12::bigint[], $13::double precision[], $14::double precision[],
         $15::double precision[], $16::double precision[], $17::double precision[], $18::double precision[], $19::double precision[],
         $20::text[], $21::text[], $22::text[], $23::bigint[], $24::integer[]
       ) as r (
         vehicle, organisation_id, recorded_ms, identity, received_ms, latitude, longitude,
         fix_valid, clock_suspect, ignition, satellites, sequence, altitude_m, speed_kph,
         heading_deg, accuracy_m, hdop, odometer_km, fuel_level_pct,
         driver_id, events, attributes, source_offset, source_partition
       )
 order by r.vehicle, r.recorded_ms, r.identity, r.source_offset
on conflict do nothing
