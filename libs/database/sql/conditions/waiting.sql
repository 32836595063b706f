-- How many facts wait to be judged, up to $1 + 1, and since when the oldest does (seconds, null for none).
select (select count(*)::int from (select from condition_facts limit $1 + 1) some) as waiting,
       extract(epoch from now() - (select created_at from condition_facts order by id limit 1))::float8 as "oldestSeconds"
