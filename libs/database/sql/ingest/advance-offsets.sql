-- The fence: advances the positions of partitions of one topic if each is where its batch begins, and locks them until the transaction ends.
-- Where one is elsewhere, somebody else went on: SQLSTATE MP001, and nothing of the transaction is written.
-- $1 cluster, $2 topic, $3 partitions in rising order (so that writers that meet wait for each other in one order), $4 first offsets,
-- $5 next offsets, $6 timestamps (ms) of the last records (parallel).
-- A timestamp ahead of the clock must not say that what comes next is complete; one that is stored says that the clock was set back, and is not kept.
-- Index: kafka_offsets_pkey.
with advanced as (
  update kafka_offsets o
     set next_offset    = w.next_offset,
         complete_until = greatest(case when o.complete_until <= clock_timestamp() then o.complete_until end, least(to_timestamp(w.last_ms::double precision / 1000), now())),
         updated_at     = now()
    from unnest($3::integer[], $4::bigint[], $5::bigint[], $6::bigint[]) as w (partition, first_offset, next_offset, last_ms)
   where o.consumer    = 'ingest'
     and o.cluster_id  = $1
     and o.topic       = $2
     and o.partition   = w.partition
     and o.next_offset = w.first_offset
  returning o.partition
)
select require_moved(count(*), cardinality($3::integer[])) from advanced
