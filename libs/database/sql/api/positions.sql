-- The newest valid fix of every vehicle within a box.
-- $1 vehicle after which to begin, $2 south, $3 north, $4 to $5 and $6 to $7 two ranges of longitude, $8 rows at most.
-- Latitude and longitude stand in no index on purpose: each fix would then have to change that index too.
-- Index: latest_positions_organisation, through the row-level policy.
select l.vehicle,
       v.vehicle_id as "vehicleId",
       l.recorded_at as "recordedAt",
       l.received_at as "receivedAt",
       l.latitude,
       l.longitude,
       true as "fixValid",
       false as "clockSuspect",
       l.sequence::float8 as sequence,
       l.altitude_m as "altitudeM",
       l.speed_kph as "speedKph",
       l.heading_deg as "headingDeg",
       l.accuracy_m as "accuracyM",
       l.hdop,
       l.satellites,
       l.odometer_km as "odometerKm",
       l.ignition,
       l.fuel_level_pct as "fuelLevelPct",
       l.driver_id as "driverId",
       l.events,
       l.attributes
  from latest_positions l
  join vehicles v on v.id = l.vehicle
 where l.vehicle > $1
   and l.latitude between $2 and $3
   and (l.longitude between $4 and $5 or l.longitude between $6 and $7)
 order by l.vehicle
 limit $8
