-- Geofences that hold for vehicles, with those of their group's vehicles that are among these where it is a group's, and since when they are in it (ms, parallel).
-- `version` is another one after each change of the row; its shape is asked for where it is not known. $1 organisations, $2 vehicles.
-- Indexes: geofences_organisation_id_name_key, vehicle_group_members_pkey.
select g.id, g.xmin::text as version, g.organisation_id as "organisationId", g.name, g.alert_on as "alertOn",
       (extract(epoch from g.armed_at) * 1000)::float8 as "armedAtMs", g.group_id is not null as "ofGroup",
       coalesce(m.vehicles, '{}') as members, coalesce(m.since, '{}') as "membersSinceMs"
  from geofences g
  left join lateral (
    select array_agg(vehicle order by vehicle) as vehicles, array_agg((extract(epoch from added_at) * 1000)::float8 order by vehicle) as since
      from vehicle_group_members
     where group_id = g.group_id
       and vehicle = any ($2::int[])
  ) m on true
 where g.organisation_id = any ($1::int[])
   and g.enabled
 order by g.id
