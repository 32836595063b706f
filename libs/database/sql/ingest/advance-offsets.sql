-- The fence of several partitions of one topic at once, each as advance-offset.sql does it. Where somebody else went on in one of them, or
-- holds its row just now: SQLSTATE MP001; whoever asked tries them one by one, so that none waits for another's.
-- $1 cluster, $2 topic, $3 partitions, $4 first offsets, $5 next offsets, $6 timestamps (ms) of the last records (parallel).
-- Index: kafka_offsets_pkey.
with wanted as (
  select * from unnest($3::integer[], $4::bigint[], $5::bigint[], $6::bigint[]) as w (partition, first_offset, next_offset, last_ms)
), held as (
  select o.partition
    from kafka_offsets o
    join wanted w on w.partition = o.partition and w.first_offset = o.next_offset
   where o.consumer = 'ingest' and o.cluster_id = $1 and o.topic = $2
     for update of o skip locked
), advanced as (
  update kafka_offsets o
     set next_offset    = w.next_offset,
         complete_until = greatest(o.complete_until, least(to_timestamp(w.last_ms::double precision / 1000), now())),
         updated_at     = now()
    from held h
    join wanted w on w.partition = h.partition
   where o.consumer = 'ingest' and o.cluster_id = $1 and o.topic = $2 and o.partition = h.partition
  returning o.partition
)
select require_moved(count(*), cardinality($3::integer[])) from advanced
