-- Opens alerts, with where the vehicle was last and when it was last heard; offline ones with its outages of the 7 days before, and how often others lost contact there. Parallel arrays, a vehicle, type and key once; times in ms.
-- A vehicle has at most one open alert of a type and key: for a second nothing is returned.
-- Indexes: alerts_one_open, latest_positions_pkey, vehicle_presence_pkey, alerts_vehicle, contact_losses_place.
insert into alerts (organisation_id, vehicle, type, status, severity, cause, incident_id, opened_at, last_position, last_contact_at, will, details, key)
select o.organisation_id, o.vehicle, o.type, 'open', o.severity, o.cause, o.incident_id, to_timestamp(o.opened / 1000),
       case when l.recorded_at is not null then jsonb_strip_nulls(jsonb_build_object(
         'vehicleId', o.vehicle_id,
         'recordedAt', to_char(l.recorded_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
         'receivedAt', to_char(l.received_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
         'latitude', l.latitude, 'longitude', l.longitude, 'sequence', l.sequence, 'altitudeM', l.altitude_m, 'speedKph', l.speed_kph,
         'headingDeg', l.heading_deg, 'accuracyM', l.accuracy_m, 'hdop', l.hdop, 'satellites', l.satellites, 'odometerKm', l.odometer_km,
         'ignition', l.ignition, 'fuelLevelPct', l.fuel_level_pct, 'driverId', l.driver_id, 'events', l.events, 'attributes', l.attributes)) end,
       greatest(l.last_contact_at, p.last_contact_at), o.will::jsonb,
       coalesce(o.details::jsonb, '{}') || case when o.type <> 'offline' then '{}' else
         jsonb_build_object('earlierOutages', jsonb_build_object('count', e.outages, 'totalSeconds', e.seconds))
         || case when n.losses > 0 then jsonb_build_object('deadZone', jsonb_strip_nulls(jsonb_build_object('losses', n.losses, 'medianSeconds', n.median_seconds))) else '{}' end end, o.key
  from unnest($1::int[], $2::int[], $3::text[], $4::text[], $5::text[], $6::text[], $7::uuid[], $8::float8[], $9::text[], $10::text[], $11::text[])
    as o (organisation_id, vehicle, vehicle_id, type, severity, cause, incident_id, opened, will, details, key)
  left join latest_positions l on l.vehicle = o.vehicle
  left join vehicle_presence p on p.vehicle = o.vehicle
  left join lateral (
    select count(*)::int as outages, coalesce(sum(a.outage_seconds), 0) as seconds
      from alerts a
     where a.vehicle = o.vehicle
       and a.type = 'offline'
       and a.opened_at >= to_timestamp(o.opened / 1000) - interval '7 days'
       and a.opened_at < to_timestamp(o.opened / 1000)
  ) e on o.type = 'offline'
  left join lateral losses_near(o.organisation_id, o.vehicle, l.latitude, l.longitude, to_timestamp(o.opened / 1000)) n on o.type = 'offline'
on conflict (vehicle, type, key) where status <> 'resolved' do nothing
returning *
