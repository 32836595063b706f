-- Forgets snapshots taken more than $1 days ago, with their pieces. $2 rows at most.
-- Index: presence_snapshots_taken.
delete from presence_snapshots
 where id in (select id from presence_snapshots where taken_at < now() - $1::int * interval '1 day' order by taken_at limit $2)
