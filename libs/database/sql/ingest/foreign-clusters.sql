-- Kafka clusters other than $1 that positions were stored for. Index: kafka_offsets_pkey.
select distinct cluster_id
  from kafka_offsets
 where consumer = 'ingest' and cluster_id <> $1
 order by cluster_id
