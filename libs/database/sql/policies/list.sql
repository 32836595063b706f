-- Everything that was said, by organisation, the widest first.
select o.name as organisation, p.scope, g.name as "group", v.vehicle_id as "vehicleId", p.priority, p.settings,
       p.updated_at as "updatedAt", p.updated_by as "updatedBy"
  from alert_policies p
  join organisations o on o.id = p.organisation_id
  left join vehicle_groups g on g.id = p.group_id
  left join vehicles v on v.id = p.vehicle
 order by o.name, array_position(array['organisation', 'group', 'vehicle'], p.scope), g.name, v.vehicle_id
