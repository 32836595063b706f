-- Where the record of a partition stands: its newest batch, and the log time (ms) of its newest snapshot that this version can read. $1 cluster id, $2 partition, $3 format.
-- Indexes: presence_snapshots_partition, presence_batches_partition (backwards).
select (select id::float8 from presence_batches where presence_partition = $2 order by id desc limit 1) as "batchId",
       (select max(log_time_ms) from presence_snapshots where cluster_id = $1 and presence_partition = $2 and format = $3) as "snapshotAtMs"
