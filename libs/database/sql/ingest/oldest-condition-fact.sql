-- How long the oldest fact has waited to be judged (seconds); null where none waits. Index: condition_facts_pkey.
select extract(epoch from now() - (select created_at from condition_facts order by id limit 1))::float8 as seconds
