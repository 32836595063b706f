-- Nothing more has come: partitions whose log ends where the position stands are complete until the time of that look.
-- $1 cluster, $2 topics, $3 partitions, $4 log ends (parallel), $5 time (ms) just before the ends were asked for.
-- As in advance-offsets a time ahead of the clock must not say that what comes next is complete, and is not kept.
-- A row that a batch holds is left out: the batch advances it. Index: kafka_offsets_pkey.
with looked as (
  select * from unnest($2::text[], $3::integer[], $4::bigint[]) as l (topic, partition, log_end)
), idle as (
  select o.topic, o.partition
    from kafka_offsets o
    join looked l on l.topic = o.topic and l.partition = o.partition and l.log_end = o.next_offset
   where o.consumer = 'ingest' and o.cluster_id = $1
     for update of o skip locked
)
update kafka_offsets o
   set complete_until = greatest(case when o.complete_until <= clock_timestamp() then o.complete_until end, least(to_timestamp($5::double precision / 1000), now())),
       updated_at     = now()
  from idle i
 where o.consumer = 'ingest' and o.cluster_id = $1 and o.topic = i.topic and o.partition = i.partition
