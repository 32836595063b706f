-- The newest snapshot of each presence partition at or before a log time, of the Kafka that alerts read last. $1 log time (ms), $2 format.
-- Index: presence_snapshots_partition.
select distinct on (presence_partition)
       id::float8 as id, presence_partition as partition, partitions, batch_id::float8 as "batchId", policy_version::float8 as "policyVersion",
       log_time_ms as "logTimeMs", vehicles, clock, storm
  from presence_snapshots
 where cluster_id = (select cluster_id from presence_snapshots order by id desc limit 1)
   and log_time_ms <= $1::float8
   and format = $2
 order by presence_partition, log_time_ms desc
