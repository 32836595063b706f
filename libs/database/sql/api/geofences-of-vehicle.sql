-- Geofences that hold for a vehicle, and since when (ms). $1 vehicle. Row-level security keeps to the organisation.
-- Indexes: geofences_organisation_id_name_key, vehicle_group_members_pkey.
select g.id, g.name, g.alert_on as "alertOn", (extract(epoch from greatest(g.armed_at, m.added_at)) * 1000)::float8 as "sinceMs"
  from geofences g
  left join vehicle_group_members m on m.group_id = g.group_id and m.vehicle = $1
 where g.enabled
   and (g.group_id is null or m.vehicle is not null)
 order by g.name
