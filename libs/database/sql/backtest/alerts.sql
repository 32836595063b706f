-- Alerts that were opened or resolved in a time. $1 types, $2 from, $3 to (ms), $4 organisation or null.
select a.id, a.vehicle, v.vehicle_id as "vehicleId", a.organisation_id as "organisationId", a.type, a.severity, a.cause, a.incident_id as "incidentId",
       extract(epoch from a.opened_at)::float8 * 1000 as "openedAtMs",
       extract(epoch from a.notified_at)::float8 * 1000 as "toldAtMs",
       extract(epoch from a.resolved_at)::float8 * 1000 as "resolvedAtMs",
       a.acknowledged_at is not null as acknowledged
  from alerts a
  join vehicles v on v.id = a.vehicle
 where a.type = any ($1::text[])
   and a.opened_at < to_timestamp($3::float8 / 1000)
   and (a.resolved_at is null or a.resolved_at >= to_timestamp($2::float8 / 1000))
   and ($4::int is null or a.organisation_id = $4)
