-- Makes a group; answers with nothing when there is one of that name, or no such organisation. $1 organisation, $2 name, $3 description or null.
insert into vehicle_groups (organisation_id, name, description)
select id, $2, $3 from organisations where name = $1
on conflict do nothing
returning id
