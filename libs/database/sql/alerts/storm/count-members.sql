-- How many members an incident has, and how many of them are back. $1 incident.
-- Index: incident_members_pkey.
select count(*)::int as vehicles, count(returned_at)::int as returned from incident_members where incident_id = $1
