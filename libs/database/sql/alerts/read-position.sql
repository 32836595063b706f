-- The stored position of a presence partition; without one it begins at the log's start. $1 cluster id, $2 topic, $3 partition, $4 log start.
-- Index: kafka_offsets_pkey.
with begun as (
  insert into kafka_offsets (consumer, cluster_id, topic, partition, next_offset)
  values ('alerts', $1, $2, $3, $4)
  on conflict do nothing
  returning next_offset
)
select next_offset from begun
union all
select next_offset from kafka_offsets where consumer = 'alerts' and cluster_id = $1 and topic = $2 and partition = $3
