-- What is known of each of these vehicles: registry, presence, newest position, signals and faults that are not cleared.
-- One of which nothing is stored yet was in contact, and unknown since, when it was first seen.
-- $1 compact vehicle ids. $2 bytes at most: those behind so many are left out, but, where $3 says so, for the first. `bytes`: up to here.
-- Indexes: the primary keys of vehicles, vehicle_presence, latest_positions, latest_signals, dtc_states.
select *
  from (
    select v.vehicle_id as "vehicleId",
           o.name as organisation,
           v.vin,
           v.name,
           v.first_seen_at as "firstSeenAt",
           coalesce(greatest(p.last_contact_at, l.last_contact_at), v.first_seen_at) as "lastContactAt",
           l.clock_offset_ms::float8 as "clockOffsetMs",
           coalesce(p.state, 'unknown') as state,
           coalesce(p.since, v.first_seen_at) as since,
           p.cause,
           coalesce(p.connections, 0) as connections,
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
           l.attributes,
           l.status,
           l.status_reason as "statusReason",
           l.status_received_at as "statusReceivedAt",
           s.signals,
           d.dtcs,
           sum(bytes_at_most(s.signals) + bytes_at_most(d.dtcs) + bytes_at_most(l.events) + bytes_at_most(l.attributes)) over up_to_here as bytes,
           row_number() over up_to_here as place
      from vehicles v
      join organisations o on o.id = v.organisation_id
      left join vehicle_presence p on p.vehicle = v.id
      left join latest_positions l on l.vehicle = v.id
     cross join lateral (
       select coalesce(jsonb_object_agg(name, jsonb_build_object(
                'value', value,
                'recordedAt', to_char(recorded_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))), '{}') as signals
         from latest_signals
        where vehicle = v.id
     ) s
     cross join lateral (
       select coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
                'code', code,
                'spn', spn,
                'fmi', fmi,
                'oc', oc,
                'status', status,
                'firstSeenAt', to_char(first_seen_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
                'lastSeenAt', to_char(last_seen_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))) order by dtc), '[]') as dtcs
         from dtc_states
        where vehicle = v.id
          and status <> 'cleared'
     ) d
     where v.id = any ($1::int[])
    window up_to_here as (order by v.vehicle_id rows unbounded preceding)
  ) as page
 where bytes <= $2::float8
    or (place = 1 and $3::boolean)
 order by "vehicleId"
