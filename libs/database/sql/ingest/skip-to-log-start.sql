-- What lies below the log's start is gone: the position goes on from there, if it still is where it was seen.
-- $1 cluster, $2 topic, $3 partition, $4 position seen, $5 the log's start.
-- Index: kafka_offsets_pkey.
update kafka_offsets
   set next_offset = $5::bigint,
       updated_at  = now()
 where consumer    = 'ingest'
   and cluster_id  = $1
   and topic       = $2
   and partition   = $3::integer
   and next_offset = $4::bigint
