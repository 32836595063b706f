-- Puts vehicles of the organisation into a group; answers with those that are in it now. $1 organisation, $2 group's name, $3 vehicle ids.
with target as (
  select g.id, g.organisation_id, v.id as vehicle, v.vehicle_id
    from organisations o
    join vehicle_groups g on g.organisation_id = o.id and g.name = $2
    join vehicles v on v.organisation_id = o.id and v.vehicle_id = any ($3::text[])
   where o.name = $1
), made as (
  insert into vehicle_group_members (group_id, vehicle, organisation_id)
  select id, vehicle, organisation_id from target
  on conflict do nothing
)
select vehicle_id as "vehicleId" from target
