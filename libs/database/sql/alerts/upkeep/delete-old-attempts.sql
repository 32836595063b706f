-- Forgets refused connection attempts older than $1 days. $2 rows at most.
-- Index: connection_attempts_at.
with old as (
  select node, epoch, counter
    from connection_attempts
   where at < now() - $1::int * interval '1 day'
   order by at
   limit $2
     for update skip locked
)
delete from connection_attempts a
 using old
 where a.node = old.node
   and a.epoch = old.epoch
   and a.counter = old.counter
