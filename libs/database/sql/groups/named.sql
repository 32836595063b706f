-- A group by its name, held until the transaction ends. $1 organisation, $2 name.
select g.id
  from vehicle_groups g
  join organisations o on o.id = g.organisation_id
 where o.name = $1
   and g.name = $2
   for update of g
