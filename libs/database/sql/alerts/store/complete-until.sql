-- The time to which ingest is complete on the data partitions of a presence partition, and how long ago that is (ms): null while one of them has none.
-- One ahead of Postgres's clock is from before that was set back, and nobody knows what it is worth: it counts for none, and is forgotten, or it would count
-- when that time has come again. Where ingest holds the row, it says anew.
-- The keys are the same and so are the counts, so the partition's number is the same too. $1 cluster id, $2 topics, $3 partition.
with ahead as (
  select topic
    from kafka_offsets
   where consumer = 'ingest'
     and cluster_id = $1
     and topic = any ($2)
     and partition = $3
     and complete_until > clock_timestamp()
     for update skip locked
), forgotten as (
  update kafka_offsets o
     set complete_until = null
    from ahead a
   where o.consumer = 'ingest'
     and o.cluster_id = $1
     and o.topic = a.topic
     and o.partition = $3
)
select extract(epoch from until)::float8 * 1000 as "completeUntilMs", extract(epoch from clock_timestamp() - until)::float8 * 1000 as "agoMs"
  from (
    select case when count(complete_until) = cardinality($2::text[]) then min(complete_until) end as until
      from kafka_offsets
     where consumer = 'ingest'
       and cluster_id = $1
       and topic = any ($2)
       and partition = $3
       and complete_until <= clock_timestamp()
  ) complete
