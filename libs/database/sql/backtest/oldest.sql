-- The log time (ms) from which on every partition has a snapshot that can be read; null while one has none. $1 format.
with first as (
  select presence_partition, min(log_time_ms) as at, max(partitions) as partitions
    from presence_snapshots
   where cluster_id = (select cluster_id from presence_snapshots order by id desc limit 1)
     and format = $1
   group by presence_partition
)
select case when count(*) >= max(partitions) then max(at) end as "oldestMs" from first
