-- The log time that every other presence partition has been consumed to: null while one of them has no clock. $1 cluster id, $2 topic, $3 partition, $4 partitions in all.
select case when count(log_time) = $4::int - 1 then min(log_time) end as "consumedToMs"
  from (
    select (clock ->> 'logTimeMs')::float8 as log_time
      from kafka_offsets
     where consumer = 'alerts'
       and cluster_id = $1
       and topic = $2
       and partition <> $3
  ) others
