-- What lies below the log's start is gone: the position goes on from there, if it still is where it was seen.
-- $1 consumer, $2 cluster, $3 topic, $4 partition, $5 position seen, $6 the log's start.
-- Index: kafka_offsets_pkey.
update kafka_offsets
   set next_offset = $6::bigint,
       updated_at  = now()
 where consumer    = $1
   and cluster_id  = $2
   and topic       = $3
   and partition   = $4::integer
   and next_offset = $5::bigint
