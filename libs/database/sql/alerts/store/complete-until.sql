-- The time to which ingest is complete on the data partitions of a presence partition: null while one of them has none.
-- The keys are the same and so are the counts, so the partition's number is the same too. $1 cluster id, $2 topics, $3 partition.
select case when count(complete_until) = cardinality($2::text[]) then extract(epoch from min(complete_until))::float8 * 1000 end as "completeUntilMs"
  from kafka_offsets
 where consumer = 'ingest'
   and cluster_id = $1
   and topic = any ($2)
   and partition = $3
