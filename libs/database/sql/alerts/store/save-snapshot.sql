-- Keeps the state of a partition behind a batch. $1 cluster id, $2 partition, $3 partitions in all, $4 batch, $5 version of the policies, $6 log time (ms), $7 vehicles,
-- $8 format, $9 clock, $10 storm guard's configuration.
insert into presence_snapshots (cluster_id, presence_partition, partitions, batch_id, policy_version, log_time_ms, vehicles, format, clock, storm)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9::jsonb, $10::jsonb)
returning id::float8 as id
