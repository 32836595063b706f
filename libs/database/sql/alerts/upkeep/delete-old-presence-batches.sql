-- Forgets batches applied more than $1 days ago. $2 rows at most.
-- Index: presence_batches_at.
delete from presence_batches
 where id in (select id from presence_batches where at < now() - $1::int * interval '1 day' order by at limit $2)
