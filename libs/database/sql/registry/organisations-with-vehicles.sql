-- As the owner: names of organisations that have a vehicle, $1 first when it has one. $2 how many at most.
-- Index: vehicles_organisation.
select o.name
  from organisations o
 where exists (select from vehicles v where v.organisation_id = o.id)
 order by o.name <> $1, o.name
 limit $2;
