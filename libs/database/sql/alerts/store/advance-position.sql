-- The new position with the partition's clock, in the fenced transaction. $1 cluster id, $2 topic, $3 partition, $4 next offset, $5 clock in ms, $6 clock,
-- $7 how long ago (ms) the log ended there, null where it went on.
update kafka_offsets
   set next_offset    = $4,
       clock_at       = to_timestamp($5::float8 / 1000),
       clock          = $6::jsonb,
       complete_until = coalesce(now() - make_interval(secs => $7::float8 / 1000), complete_until),
       updated_at     = now()
 where consumer = 'alerts'
   and cluster_id = $1
   and topic = $2
   and partition = $3
