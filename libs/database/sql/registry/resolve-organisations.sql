-- Ids of organisations by name, made on first sight. $1 names, sorted.
-- Index: organisations_name_key. Asks before it inserts: a conflict would use up an id each time.
with names as (
  select * from unnest($1::text[]) as n (name)
), made as (
  insert into organisations (name)
  select n.name from names n where not exists (select from organisations o where o.name = n.name)
  on conflict (name) do nothing
  returning id, name
)
select id, name from made
union all
select o.id, o.name from organisations o join names n using (name)
