-- Other Kafka clusters that this database was filled from, while nothing came from this one. $1 cluster id.
select distinct cluster_id
  from kafka_offsets
 where consumer = 'alerts'
   and cluster_id <> $1
   and not exists (select from kafka_offsets where consumer = 'alerts' and cluster_id = $1)
