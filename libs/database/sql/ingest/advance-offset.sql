-- The fence: advances a partition's position if it is where the batch begins, and locks it until the transaction ends. Where it is elsewhere,
-- somebody else went on: SQLSTATE MP001, and nothing of the transaction is written.
-- $1 cluster, $2 topic, $3 partition, $4 first offset of the batch, $5 next offset, $6 timestamp (ms) of its last record.
-- A timestamp ahead of the clock must not say that what comes next is complete.
-- Index: kafka_offsets_pkey.
with advanced as (
  update kafka_offsets
     set next_offset    = $5::bigint,
         complete_until = greatest(complete_until, least(to_timestamp($6::double precision / 1000), now())),
         updated_at     = now()
   where consumer    = 'ingest'
     and cluster_id  = $1
     and topic       = $2
     and partition   = $3::integer
     and next_offset = $4::bigint
  returning partition
)
select require_moved(count(*), 1) from advanced
