-- Forgets how vehicles were more than $1 days ago. $2 rows at most.
-- Index: presence_history_at.
delete from presence_history
 where (vehicle, at, id) in (select vehicle, at, id from presence_history where at < now() - $1::int * interval '1 day' order by at limit $2)
