-- Makes a geofence; answers with nothing when there is one of that name, or no such organisation or group, or as many as an organisation may have.
-- $1 organisation, $2 name, $3 description or null, $4 shape, $5 alert on, $6 group's name or null, $7 at most so many.
insert into geofences (organisation_id, name, description, shape, alert_on, group_id)
select o.id, $2, $3, $4::jsonb, $5, g.id
  from organisations o
  left join vehicle_groups g on g.organisation_id = o.id and g.name = $6
 where o.name = $1
   and ($6::text is null or g.id is not null)
   and (select count(*) from geofences f where f.organisation_id = o.id) < $7::int
on conflict do nothing
returning id
