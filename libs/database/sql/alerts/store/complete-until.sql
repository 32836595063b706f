-- The time to which ingest is complete on the data partitions of a presence partition, and how long ago that is (ms): null while one of them has none.
-- The keys are the same and so are the counts, so the partition's number is the same too. $1 cluster id, $2 topics, $3 partition.
select extract(epoch from until)::float8 * 1000 as "completeUntilMs", extract(epoch from now() - until)::float8 * 1000 as "agoMs"
  from (
    select case when count(complete_until) = cardinality($2::text[]) then min(complete_until) end as until
      from kafka_offsets
     where consumer = 'ingest'
       and cluster_id = $1
       and topic = any ($2)
       and partition = $3
  ) complete
