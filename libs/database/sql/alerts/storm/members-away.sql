-- Members of an incident that are not back. $1 incident. Index: incident_members_away.
select vehicle from incident_members where incident_id = $1 and returned_at is null
