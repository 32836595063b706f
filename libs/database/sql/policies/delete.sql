-- Takes a policy back. $1 organisation, $2 group's name or null, $3 vehicle id or null.
delete from alert_policies p
 using organisations o
 where o.name = $1
   and p.organisation_id = o.id
   and case
         when $2::text is not null then p.group_id = (select id from vehicle_groups where organisation_id = o.id and name = $2)
         when $3::text is not null then p.vehicle = (select id from vehicles where organisation_id = o.id and vehicle_id = $3)
         else p.scope = 'organisation'
       end
returning p.id
