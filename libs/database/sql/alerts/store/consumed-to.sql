-- The steady time (log time, and by how much the log's clock was set back) that every other presence partition has been consumed to: null while one of them has no clock.
-- One that is more than a minute behind, though it was consumed to its end, has a clock of its own (of another Kafka node): it is consumed to what the asking
-- partition's steady time was then, by Postgres's clock, unless that was set back since. Any other is waited for: what is lost with a node is lost there when its own log time says so.
-- $1 cluster id, $2 topic, $3 partition, $4 partitions in all, $5 its steady time (ms).
select case when count(log_time) = $4::int - 1 then min(case when $5::float8 - ended > log_time + set_back + 60000 then $5::float8 - ended else log_time + set_back end) end as "consumedToMs"
  from (
    select (clock ->> 'logTimeMs')::float8 as log_time,
           coalesce((clock ->> 'setBackMs')::float8, 0) as set_back,
           case when complete_until <= clock_timestamp() then extract(epoch from clock_timestamp() - complete_until)::float8 * 1000 end as ended
      from kafka_offsets
     where consumer = 'alerts'
       and cluster_id = $1
       and topic = $2
       and partition <> $3
  ) others
