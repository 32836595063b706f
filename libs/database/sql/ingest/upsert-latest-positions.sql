-- The newest valid fix of each vehicle of a batch becomes its position, unless a newer one stands there: a late fix never moves it back.
-- Of two fixes of the same moment the one with the higher identity stands, in whatever order they came.
-- $1–$22 parallel arrays, one row a vehicle; recorded_ms is null when the batch holds no fix that may become the position.
-- Sorted by vehicle, so that writers that meet wait for each other in one order. Index: latest_positions_pkey.
insert into latest_positions as l (
  vehicle, organisation_id, last_contact_at, last_report_at, clock_offset_ms, recorded_at, identity, received_at, latitude, longitude,
  ignition, satellites, sequence, altitude_m, speed_kph, heading_deg, accuracy_m, hdop, odometer_km, fuel_level_pct, driver_id, events, attributes
)
select r.vehicle, r.organisation_id, to_timestamp(r.contact_ms / 1000.0), to_timestamp(r.contact_ms / 1000.0), r.clock_offset_ms,
       to_timestamp(r.recorded_ms / 1000.0), r.identity, to_timestamp(r.received_ms / 1000.0),
       r.latitude, r.longitude, r.ignition, r.satellites, r.sequence, r.altitude_m, r.speed_kph, r.heading_deg, r.accuracy_m,
       r.hdop, r.odometer_km, r.fuel_level_pct, r.driver_id, r.events::jsonb, r.attributes::jsonb
  from unnest(
         $1::integer[], $2::integer[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[],
         $8::double precision[], $9::double precision[], $10::boolean[], $11::integer[], $12::bigint[], $13::double precision[],
         $14::double precision[], $15::double precision[], $16::double precision[], $17::double precision[], $18::double precision[],
         $19::double precision[], $20::text[], $21::text[], $22::text[]
       ) as r (
         vehicle, organisation_id, contact_ms, clock_offset_ms, recorded_ms, identity, received_ms,
         latitude, longitude, ignition, satellites, sequence, altitude_m,
         speed_kph, heading_deg, accuracy_m, hdop, odometer_km,
         fuel_level_pct, driver_id, events, attributes
       )
 order by r.vehicle
on conflict (vehicle) do update
   set last_contact_at = greatest(l.last_contact_at, excluded.last_contact_at),
       last_report_at  = greatest(l.last_report_at, excluded.last_report_at),
       clock_offset_ms = case when excluded.last_contact_at >= l.last_contact_at then coalesce(excluded.clock_offset_ms, l.clock_offset_ms)
                              else l.clock_offset_ms end,
       recorded_at     = excluded.recorded_at,
       identity        = excluded.identity,
       received_at     = excluded.received_at,
       latitude        = excluded.latitude,
       longitude       = excluded.longitude,
       ignition        = excluded.ignition,
       satellites      = excluded.satellites,
       sequence        = excluded.sequence,
       altitude_m      = excluded.altitude_m,
       speed_kph       = excluded.speed_kph,
       heading_deg     = excluded.heading_deg,
       accuracy_m      = excluded.accuracy_m,
       hdop            = excluded.hdop,
       odometer_km     = excluded.odometer_km,
       fuel_level_pct  = excluded.fuel_level_pct,
       driver_id       = excluded.driver_id,
       events          = excluded.events,
       attributes      = excluded.attributes
 where excluded.recorded_at is not null
   and (l.recorded_at is null or (excluded.recorded_at, excluded.identity) > (l.recorded_at, l.identity))
