-- Geofences that hold for vehicles, with those of their group's vehicles that are among these where it is a group's. $1 organisations, $2 vehicles.
-- Indexes: geofences_organisation_id_name_key, vehicle_group_members_vehicle.
select g.id, g.organisation_id as "organisationId", g.name, g.shape, g.alert_on as "alertOn",
       case when g.group_id is not null then
         coalesce((select array_agg(m.vehicle) from vehicle_group_members m where m.group_id = g.group_id and m.vehicle = any ($2::int[])), '{}')
       end as members
  from geofences g
 where g.organisation_id = any ($1::int[])
   and g.enabled
 order by g.id
