-- Makes a group; answers with nothing when there is one of that name, no such organisation, or as many as an organisation may have.
-- $1 organisation, $2 name, $3 description or null, $4 at most so many.
insert into vehicle_groups (organisation_id, name, description)
select o.id, $2, $3
  from organisations o
 where o.name = $1
   and (select count(*) from vehicle_groups g where g.organisation_id = o.id) < $4::int
on conflict do nothing
returning id
