-- Goes on behind records that Kafka deleted, if nobody has gone on meanwhile. $1 cluster id, $2 topic, $3 partition, $4 position, $5 log start.
update kafka_offsets
   set next_offset = $5,
       updated_at  = now()
 where consumer = 'alerts'
   and cluster_id = $1
   and topic = $2
   and partition = $3
   and next_offset = $4
