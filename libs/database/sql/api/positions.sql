-- The newest valid fix of every vehicle within a box.
-- $1 vehicle after which to begin, $2 south, $3 north, $4 to $5 and $6 to $7 two ranges of longitude, $8 rows at most.
-- $9 bytes at most: a row behind so many does not fit, and its values of any size are left out. The first always fits.
-- Latitude and longitude stand in no index on purpose: each fix would then have to change that index too.
-- Index: latest_positions_organisation, through the row-level policy.
select l.vehicle,
       l.vehicle_id as "vehicleId",
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
       case when fits then l.events end as events,
       case when fits then l.attributes end as attributes,
       fits
  from (
    select p.*,
           v.vehicle_id,
           sum(bytes_at_most(p.events) + bytes_at_most(p.attributes)) over up_to_here <= $9::float8
             or row_number() over up_to_here = 1 as fits
      from latest_positions p
      join vehicles v on v.id = p.vehicle
     where p.vehicle > $1
       and p.latitude between $2 and $3
       and (p.longitude between $4 and $5 or p.longitude between $6 and $7)
    window up_to_here as (order by p.vehicle rows unbounded preceding)
     order by p.vehicle
     limit $8
  ) as l
 order by l.vehicle
