-- Forgets refused connection attempts older than $1 days. $2 rows at most.
-- Index: connection_attempts_at.
with old as (
  select source_partition, source_offset
    from connection_attempts
   where at < now() - $1::int * interval '1 day'
   order by at
   limit $2
     for update skip locked
)
delete from connection_attempts a
 using old
 where a.source_partition = old.source_partition
   and a.source_offset = old.source_offset
