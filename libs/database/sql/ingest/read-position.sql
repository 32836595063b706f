-- Where a partition goes on; without a row, at $4, the log's start, where the row is made. `made` says which.
-- $1 cluster, $2 topic, $3 partition, $4 the log's start.
-- Index: kafka_offsets_pkey.
with made as (
  insert into kafka_offsets (consumer, cluster_id, topic, partition, next_offset)
  select 'ingest', $1, $2, $3::integer, $4::bigint
   where not exists (
           select from kafka_offsets o
            where o.consumer = 'ingest' and o.cluster_id = $1 and o.topic = $2 and o.partition = $3::integer
         )
  on conflict do nothing
  returning next_offset
)
select next_offset, true as made from made
union all
select o.next_offset, false
  from kafka_offsets o
 where o.consumer = 'ingest' and o.cluster_id = $1 and o.topic = $2 and o.partition = $3::integer
