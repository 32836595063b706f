-- Where a partition goes on; without a row, at $5, the log's start, where the row is made.
-- $1 consumer, $2 cluster, $3 topic, $4 partition, $5 the log's start.
-- Index: kafka_offsets_pkey.
with made as (
  insert into kafka_offsets (consumer, cluster_id, topic, partition, next_offset)
  select $1, $2, $3, $4::integer, $5::bigint
   where not exists (
           select from kafka_offsets o
            where o.consumer = $1 and o.cluster_id = $2 and o.topic = $3 and o.partition = $4::integer
         )
  on conflict do nothing
  returning next_offset
)
select next_offset from made
union all
select o.next_offset
  from kafka_offsets o
 where o.consumer = $1 and o.cluster_id = $2 and o.topic = $3 and o.partition = $4::integer
