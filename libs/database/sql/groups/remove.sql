-- Takes vehicles out of a group. $1 organisation, $2 group's name, $3 vehicle ids.
delete from vehicle_group_members m
 using organisations o, vehicle_groups g, vehicles v
 where o.name = $1
   and g.organisation_id = o.id
   and g.name = $2
   and v.vehicle_id = any ($3::text[])
   and m.group_id = g.id
   and m.vehicle = v.id
returning v.vehicle_id as "vehicleId"
