-- How far alerts has judged each partition of the presence log: ms of log time and of its clock, null for nothing yet. In the order of the partitions.
-- Index: kafka_offsets_pkey.
select extract(epoch from log_at)::float8 * 1000 as "logTimeMs", extract(epoch from clock_at)::float8 * 1000 as "clockMs"
  from presence_clocks()
 order by partition
