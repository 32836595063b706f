-- Shards of vehicles of which something waits to be judged, or that are to be looked at. $1 shards in all, $2 now (ms).
-- Indexes: condition_facts_taken, vehicle_conditions_due.
select s.shard::int as shard
  from generate_series(0, $1::int - 1) as s (shard)
 where exists (select from condition_facts f where f.shard = s.shard)
    or exists (select from vehicle_conditions c where c.shard = s.shard and c.due_at <= to_timestamp($2::float8 / 1000))
