-- How many vehicles of a presence partition are connected where. $1 partition; organisations, nodes and counts parallel, a pair once.
-- Index: connected_vehicles_pkey.
with c as (
  select * from unnest($2::int[], $3::text[], $4::int[]) as c (organisation_id, node, vehicles)
), deserted as (
  delete from connected_vehicles d
   using c
   where d.node = c.node
     and d.organisation_id = c.organisation_id
     and d.presence_partition = $1
     and c.vehicles = 0
)
insert into connected_vehicles (node, organisation_id, presence_partition, vehicles)
select node, organisation_id, $1, vehicles
  from c
 where vehicles > 0
on conflict (node, organisation_id, presence_partition) do update set vehicles = excluded.vehicles
