-- The newest epoch in which any presence partition has seen a writer. $1 cluster id, $2 writer ('alerts/' and its node).
select max((clock -> 'writers' -> $2 ->> 'epoch')::bigint) as epoch
  from kafka_offsets
 where consumer = 'alerts'
   and cluster_id = $1
