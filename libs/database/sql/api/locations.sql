-- A vehicle's fixes in the order of their time.
-- $1 vehicle, $2 and $3 the position after which to begin (recorded_at, identity), $4 recorded before, $5 rows at most.
-- $6 bytes at most: a row behind so many does not fit, and its values of any size are left out. The first always fits.
-- The first comparison alone prunes partitions; the second finds the place in the index.
-- Index: the primary key (vehicle, recorded_at, identity) of each partition.
select recorded_at as "recordedAt",
       identity::text as identity,
       received_at as "receivedAt",
       latitude,
       longitude,
       fix_valid as "fixValid",
       clock_suspect as "clockSuspect",
       sequence::float8 as sequence,
       altitude_m as "altitudeM",
       speed_kph as "speedKph",
       heading_deg as "headingDeg",
       accuracy_m as "accuracyM",
       hdop,
       satellites,
       odometer_km as "odometerKm",
       ignition,
       fuel_level_pct as "fuelLevelPct",
       driver_id as "driverId",
       case when fits then events end as events,
       case when fits then attributes end as attributes,
       fits
  from (
    select *,
           sum(bytes_at_most(events) + bytes_at_most(attributes)) over up_to_here <= $6::float8
             or row_number() over up_to_here = 1 as fits
      from locations
     where vehicle = $1
       and recorded_at >= $2::timestamptz
       and (recorded_at, identity) > ($2::timestamptz, $3::bigint)
       and recorded_at < $4::timestamptz
    window up_to_here as (order by recorded_at, identity rows unbounded preceding)
     order by recorded_at, locations.identity
     limit $5
  ) as page
 order by recorded_at, page.identity
