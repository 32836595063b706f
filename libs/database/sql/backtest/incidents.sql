-- Incidents that were open at some time between two log times, with their members. $1 from, $2 to (ms).
-- Index: incident_members_pkey.
select i.id, i.organisation_id as "organisationId", i.node, i.presence_partition as partition,
       extract(epoch from i.opened_at)::float8 * 1000 as "openedAtMs",
       extract(epoch from i.opened_clock_at)::float8 * 1000 as "openedClockMs",
       extract(epoch from i.closed_at)::float8 * 1000 as "closedAtMs",
       array(select v.vehicle_id from incident_members m join vehicles v on v.id = m.vehicle where m.incident_id = i.id order by 1) as members
  from incidents i
 where i.opened_at < to_timestamp($2::float8 / 1000)
   and (i.closed_at is null or i.closed_at >= to_timestamp($1::float8 / 1000))
 order by i.opened_at
