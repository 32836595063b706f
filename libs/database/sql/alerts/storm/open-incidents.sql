-- Open incidents of organisations. $1 organisations.
-- Index: incidents_one_open.
select id, organisation_id as "organisationId", scope, node
  from incidents
 where organisation_id = any ($1::int[])
   and closed_at is null
