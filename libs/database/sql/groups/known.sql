-- What of an address there is. $1 organisation, $2 group's name or null, $3 vehicle ids. Indexes: the keys of organisations, vehicle_groups and vehicles.
select exists (select from organisations where name = $1) as organisation,
       exists (select from vehicle_groups g join organisations o on o.id = g.organisation_id where o.name = $1 and g.name = $2) as "group",
       array(
         select v.vehicle_id
           from vehicles v
           join organisations o on o.id = v.organisation_id
          where o.name = $1
            and v.vehicle_id = any ($3::text[])
       ) as "vehicleIds"
