-- Marks members of an incident that are back. $1 incident, $2 log time (ms).
-- Indexes: incident_members_away, vehicle_presence_pkey.
update incident_members m
   set returned_at = to_timestamp($2::float8 / 1000)
  from vehicle_presence p
 where m.incident_id = $1
   and m.returned_at is null
   and p.vehicle = m.vehicle
   and p.state not in ('suspect', 'offline')
