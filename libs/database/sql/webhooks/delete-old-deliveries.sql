-- Forgets deliveries, with their attempts, that are over since $1 days, or still wait after them. $2 rows at most.
-- Index: webhook_deliveries_age.
with old as (
  select id, status
    from webhook_deliveries
   where created_at < now() - $1::int * interval '1 day'
     and coalesce(delivered_at, created_at) < now() - $1::int * interval '1 day'
     and (claimed_until is null or claimed_until < now())
   order by created_at
   limit $2
     for update skip locked
), deleted as (
  delete from webhook_deliveries d using old where d.id = old.id
)
select count(*)::int as deleted, (count(*) filter (where status in ('pending', 'failed')))::int as undelivered from old
