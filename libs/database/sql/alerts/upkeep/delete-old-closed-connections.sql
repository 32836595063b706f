-- Forgets connections that ended more than 24 h ago by both times of their partition: either may be behind. $1 cluster id, $2 topic, $3 rows at most a partition.
-- Index: closed_connections_partition.
delete from closed_connections c
 using kafka_offsets k
 cross join lateral (
   select connection_id
     from closed_connections o
    where o.presence_partition = k.partition
      and o.closed_at < least(k.clock_at, to_timestamp((k.clock ->> 'logTimeMs')::float8 / 1000)) - interval '24 hours'
    order by o.closed_at
    limit $3
 ) old
 where k.consumer = 'alerts'
   and k.cluster_id = $1
   and k.topic = $2
   and c.connection_id = old.connection_id
