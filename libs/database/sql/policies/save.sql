-- Says a policy in place of what was said before; answers with nothing when there is no such target.
-- $1 organisation, $2 group's name or null, $3 vehicle id or null, $4 priority, $5 settings, $6 who.
-- Indexes: alert_policies_organisation, alert_policies_group_id_key, alert_policies_vehicle_key.
with target as (
  select o.id as organisation_id, g.id as group_id, v.id as vehicle,
         case when $2::text is not null then 'group' when $3::text is not null then 'vehicle' else 'organisation' end as scope
    from organisations o
    left join vehicle_groups g on g.organisation_id = o.id and g.name = $2
    left join vehicles v on v.organisation_id = o.id and v.vehicle_id = $3
   where o.name = $1
     and ($2::text is null or g.id is not null)
     and ($3::text is null or v.id is not null)
), changed as (
  update alert_policies p
     set settings = $5::jsonb, priority = $4::int, updated_at = now(), updated_by = $6
    from target t
   where p.organisation_id = t.organisation_id
     and p.scope = t.scope
     and p.group_id is not distinct from t.group_id
     and p.vehicle is not distinct from t.vehicle
  returning p.id
), made as (
  insert into alert_policies (organisation_id, scope, group_id, vehicle, priority, settings, updated_by)
  select organisation_id, scope, group_id, vehicle, $4::int, $5::jsonb, $6 from target where not exists (select from changed)
  returning id
)
select id from changed union all select id from made
