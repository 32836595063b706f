-- Fixes into their daily partitions; a repeat meets its key and is dropped, within the batch too: the first copy in the log is the one that stays.
-- $1–$24 parallel arrays, $25 feed epoch.
-- Sorted by key, so that writers that meet wait for each other in one order. Index: locations_pkey.
-- Unnested in a select and not in `from`: there each array would be put into a store of its own and read back, a sixth of the statement's cost.
-- Whole milliseconds, divided as doubles, give the very time that the slower numeric would.
insert into locations (
  vehicle, organisation_id, recorded_at, identity, received_at, latitude, longitude, fix_valid, clock_suspect, ignition, satellites,
  sequence, altitude_m, speed_kph, heading_deg, accuracy_m, hdop, odometer_km, fuel_level_pct, driver_id, events, attributes,
  source_partition, source_offset, feed_epoch
)
select r.vehicle, r.organisation_id, to_timestamp(r.recorded_ms::double precision / 1000), r.identity,
       to_timestamp(r.received_ms::double precision / 1000), r.latitude, r.longitude, r.fix_valid, r.clock_suspect, r.ignition, r.satellites,
       r.sequence, r.altitude_m, r.speed_kph, r.heading_deg, r.accuracy_m, r.hdop, r.odometer_km, r.fuel_level_pct,
       r.driver_id, r.events::jsonb, r.attributes::jsonb,
       r.source_partition, r.source_offset, $25::smallint
  from (
         select unnest($1::integer[]) as vehicle, unnest($2::integer[]) as organisation_id, unnest($3::bigint[]) as recorded_ms,
                unnest($4::bigint[]) as identity, unnest($5::bigint[]) as received_ms, unnest($6::double precision[]) as latitude,
                unnest($7::double precision[]) as longitude, unnest($8::boolean[]) as fix_valid, unnest($9::boolean[]) as clock_suspect,
                unnest($10::boolean[]) as ignition, unnest($11::integer[]) as satellites, unnest($12::bigint[]) as sequence,
                unnest($13::double precision[]) as altitude_m, unnest($14::double precision[]) as speed_kph,
                unnest($15::double precision[]) as heading_deg, unnest($16::double precision[]) as accuracy_m,
                unnest($17::double precision[]) as hdop, unnest($18::double precision[]) as odometer_km,
                unnest($19::double precision[]) as fuel_level_pct, unnest($20::text[]) as driver_id, unnest($21::text[]) as events,
                unnest($22::text[]) as attributes, unnest($23::bigint[]) as source_offset, unnest($24::integer[]) as source_partition
       ) as r
 order by r.vehicle, r.recorded_ms, r.identity, r.source_offset
on conflict do nothing
