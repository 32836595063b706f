-- Geofences, with the names of their groups.
select o.name as organisation, f.name, f.id, f.shape, f.alert_on as "alertOn", f.enabled, g.name as "group", f.description
  from geofences f
  join organisations o on o.id = f.organisation_id
  left join vehicle_groups g on g.id = f.group_id
 order by o.name, f.name
