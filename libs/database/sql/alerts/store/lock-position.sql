-- The fence: whoever holds this row's lock and finds the position it expects may write for the partition. $1 cluster id, $2 topic, $3 partition.
-- Index: kafka_offsets_pkey.
select next_offset, clock
  from kafka_offsets
 where consumer = 'alerts'
   and cluster_id = $1
   and topic = $2
   and partition = $3
   for update
