-- The newest valid fix of each vehicle of a batch becomes its position, unless a newer one stands there: a late fix never moves it back.
-- A vehicle whose position stays was heard all the same: every column stands in a case of its own, so that one statement does both.
-- Of two fixes of the same moment the one with the higher identity stands, in whatever order they came.
-- $1–$22 parallel arrays, one row a vehicle; recorded_ms is null when the batch holds no fix that may become the position.
-- The time of the newest report is not ahead of the clock: see upsert-contacts.
-- Sorted by vehicle, so that writers that meet wait for each other in one order. Index: latest_positions_pkey.
-- Unnested in a select and not in `from`, and times divided as doubles: see insert-locations.
insert into latest_positions as l (
  vehicle, organisation_id, last_contact_at, last_report_at, clock_offset_ms, recorded_at, identity, received_at, latitude, longitude,
  ignition, satellites, sequence, altitude_m, speed_kph, heading_deg, accuracy_m, hdop, odometer_km, fuel_level_pct, driver_id, events, attributes
)
select r.vehicle, r.organisation_id, to_timestamp(r.contact_ms::double precision / 1000),
       least(to_timestamp(r.contact_ms::double precision / 1000), now()), r.clock_offset_ms,
       to_timestamp(r.recorded_ms::double precision / 1000), r.identity, to_timestamp(r.received_ms::double precision / 1000),
       r.latitude, r.longitude, r.ignition, r.satellites, r.sequence, r.altitude_m, r.speed_kph, r.heading_deg, r.accuracy_m,
       r.hdop, r.odometer_km, r.fuel_level_pct, r.driver_id, r.events::jsonb, r.attributes::jsonb
  from (
         select unnest($1::integer[]) as vehicle, unnest($2::integer[]) as organisation_id, unnest($3::bigint[]) as contact_ms,
                unnest($4::bigint[]) as clock_offset_ms, unnest($5::bigint[]) as recorded_ms, unnest($6::bigint[]) as identity,
                unnest($7::bigint[]) as received_ms, unnest($8::double precision[]) as latitude, unnest($9::double precision[]) as longitude,
                unnest($10::boolean[]) as ignition, unnest($11::integer[]) as satellites, unnest($12::bigint[]) as sequence,
                unnest($13::double precision[]) as altitude_m, unnest($14::double precision[]) as speed_kph,
                unnest($15::double precision[]) as heading_deg, unnest($16::double precision[]) as accuracy_m,
                unnest($17::double precision[]) as hdop, unnest($18::double precision[]) as odometer_km,
                unnest($19::double precision[]) as fuel_level_pct, unnest($20::text[]) as driver_id, unnest($21::text[]) as events,
                unnest($22::text[]) as attributes
       ) as r
 order by r.vehicle
on conflict (vehicle) do update
   set last_contact_at = greatest(l.last_contact_at, excluded.last_contact_at),
       last_report_at  = greatest(l.last_report_at, excluded.last_report_at),
       clock_offset_ms = case when excluded.last_contact_at >= l.last_contact_at then coalesce(excluded.clock_offset_ms, l.clock_offset_ms)
                              else l.clock_offset_ms end,
       recorded_at     = case when (excluded.recorded_at, excluded.identity) > (coalesce(l.recorded_at, '-infinity'), coalesce(l.identity, 0))
                              then excluded.recorded_at else l.recorded_at end,
       identity        = case when (excluded.recorded_at, excluded.identity) > (coalesce(l.recorded_at, '-infinity'), coalesce(l.identity, 0))
                              then excluded.identity else l.identity end,
       received_at     = case when (excluded.recorded_at, excluded.identity) > (coalesce(l.recorded_at, '-infinity'), coalesce(l.identity, 0))
                              then excluded.received_at else l.received_at end,
       latitude        = case when (excluded.recorded_at, excluded.identity) > (coalesce(l.recorded_at, '-infinity'), coalesce(l.identity, 0))
                              then excluded.latitude else l.latitude end,
       longitude       = case when (excluded.recorded_at, excluded.identity) > (coalesce(l.recorded_at, '-infinity'), coalesce(l.identity, 0))
                              then excluded.longitude else l.longitude end,
       ignition        = case when (excluded.recorded_at, excluded.identity) > (coalesce(l.recorded_at, '-infinity'), coalesce(l.identity, 0))
                              then excluded.ignition else l.ignition end,
       satellites      = case when (excluded.recorded_at, excluded.identity) > (coalesce(l.recorded_at, '-infinity'), coalesce(l.identity, 0))
                              then excluded.satellites else l.satellites end,
       sequence        = case when (excluded.recorded_at, excluded.identity) > (coalesce(l.recorded_at, '-infinity'), coalesce(l.identity, 0))
                              then excluded.sequence else l.sequence end,
       altitude_m      = case when (excluded.recorded_at, excluded.identity) > (coalesce(l.recorded_at, '-infinity'), coalesce(l.identity, 0))
                              then excluded.altitude_m else l.altitude_m end,
       speed_kph       = case when (excluded.recorded_at, excluded.identity) > (coalesce(l.recorded_at, '-infinity'), coalesce(l.identity, 0))
                              then excluded.speed_kph else l.speed_kph end,
       heading_deg     = case when (excluded.recorded_at, excluded.identity) > (coalesce(l.recorded_at, '-infinity'), coalesce(l.identity, 0))
                              then excluded.heading_deg else l.heading_deg end,
       accuracy_m      = case when (excluded.recorded_at, excluded.identity) > (coalesce(l.recorded_at, '-infinity'), coalesce(l.identity, 0))
                              then excluded.accuracy_m else l.accuracy_m end,
       hdop            = case when (excluded.recorded_at, excluded.identity) > (coalesce(l.recorded_at, '-infinity'), coalesce(l.identity, 0))
                              then excluded.hdop else l.hdop end,
       odometer_km     = case when (excluded.recorded_at, excluded.identity) > (coalesce(l.recorded_at, '-infinity'), coalesce(l.identity, 0))
                              then excluded.odometer_km else l.odometer_km end,
       fuel_level_pct  = case when (excluded.recorded_at, excluded.identity) > (coalesce(l.recorded_at, '-infinity'), coalesce(l.identity, 0))
                              then excluded.fuel_level_pct else l.fuel_level_pct end,
       driver_id       = case when (excluded.recorded_at, excluded.identity) > (coalesce(l.recorded_at, '-infinity'), coalesce(l.identity, 0))
                              then excluded.driver_id else l.driver_id end,
       events          = case when (excluded.recorded_at, excluded.identity) > (coalesce(l.recorded_at, '-infinity'), coalesce(l.identity, 0))
                              then excluded.events else l.events end,
       attributes      = case when (excluded.recorded_at, excluded.identity) > (coalesce(l.recorded_at, '-infinity'), coalesce(l.identity, 0))
                              then excluded.attributes else l.attributes end
 where (excluded.recorded_at, excluded.identity) > (coalesce(l.recorded_at, '-infinity'), coalesce(l.identity, 0))
    or l.last_contact_at < excluded.last_contact_at
    or l.last_report_at is null
    or l.last_report_at < excluded.last_report_at
