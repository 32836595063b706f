-- Forgets deliveries, with their attempts, that are over since $1 days, or still wait after them; none while its last attempt is younger. $2 rows at most.
-- Indexes: webhook_deliveries_age, webhook_attempts_pkey.
with old as (
  select id, status
    from webhook_deliveries d
   where created_at < now() - $1::int * interval '1 day'
     and coalesce(delivered_at, created_at) < now() - $1::int * interval '1 day'
     and not exists (select from webhook_attempts a where a.delivery_id = d.id and a.at >= now() - $1::int * interval '1 day')
     and (claimed_until is null or claimed_until < now())
   order by created_at
   limit $2
     for update skip locked
), deleted as (
  delete from webhook_deliveries d using old where d.id = old.id
)
select count(*)::int as deleted, (count(*) filter (where status in ('pending', 'failed')))::int as undelivered from old
