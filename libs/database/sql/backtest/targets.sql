-- The numbers behind the names of a policy: organisation, group of it and vehicle of it; nothing where there is none. $1 organisation, $2 group or null, $3 vehicle or null.
select o.id as "organisationId", g.id as "groupId", v.id as vehicle
  from organisations o
  left join vehicle_groups g on g.organisation_id = o.id and g.name = $2
  left join vehicles v on v.organisation_id = o.id and v.vehicle_id = $3
 where o.name = $1
