-- Kafka clusters other than $2 that positions of the consumer $1 were stored for. Index: kafka_offsets_pkey.
select distinct cluster_id
  from kafka_offsets
 where consumer = $1 and cluster_id <> $2
 order by cluster_id
