-- Groups with how many members they have.
select o.name as organisation, g.name, g.description, g.id, (select count(*)::int from vehicle_group_members m where m.group_id = g.id) as vehicles
  from vehicle_groups g
  join organisations o on o.id = g.organisation_id
 order by o.name, g.name
