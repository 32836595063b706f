-- The organisation is made when it is new: a key may come before the first vehicle.
with made as (
  insert into organisations (name)
  select $2 where not exists (select from organisations where name = $2)
  on conflict (name) do nothing
  returning id
),
organisation as (
  select id from made union all select id from organisations where name = $2 limit 1
)
insert into api_keys (organisation_id, name, scopes, hash, prefix)
select id, $1, $3::text[], $4, $5
  from organisation
returning id;
