-- Incidents that the process of a partition has to do with: those it tends, and those that closed while they have members in it.
-- $1 partition, $2 incidents with members there. Indexes: incidents_tended, incidents_pkey.
select id,
       organisation_id as "organisationId",
       scope,
       node,
       opened_at as "openedAt",
       notified_at as "notifiedAt",
       extract(epoch from opened_clock_at)::float8 * 1000 as "openedClockMs",
       extract(epoch from mostly_back_clock_at)::float8 * 1000 as "mostlyBackClockMs",
       closed_at as "closedAt"
  from incidents
 where (presence_partition = $1 and closed_at is null)
    or (id = any ($2::uuid[]) and closed_at is not null)
