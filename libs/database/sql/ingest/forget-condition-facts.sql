-- Forgets facts that have waited to be judged for $1 days, of the $2 oldest. Those that are judged at this moment are passed over.
-- Index: condition_facts_pkey.
with oldest as (
  select id, created_at from condition_facts order by id limit $2 for update skip locked
)
delete from condition_facts f
 using oldest o
 where f.id = o.id
   and o.created_at < now() - make_interval(days => $1)
