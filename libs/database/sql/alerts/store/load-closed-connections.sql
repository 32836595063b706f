-- Ids of ended connections of a presence partition, oldest first. $1 partition, $2 log time in ms: those of the 24 h before.
-- Index: closed_connections_partition.
select connection_id as id, extract(epoch from closed_at)::float8 * 1000 as "atMs"
  from closed_connections
 where presence_partition = $1
   and closed_at > to_timestamp($2::float8 / 1000) - interval '24 hours'
 order by closed_at
