-- The log time in ms of a partition's newest snapshot that this version can read. $1 cluster id, $2 partition, $3 format.
-- Index: presence_snapshots_partition.
select max(log_time_ms) as "logTimeMs"
  from presence_snapshots
 where cluster_id = $1
   and presence_partition = $2
   and format = $3
