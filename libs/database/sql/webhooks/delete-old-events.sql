-- Forgets events that are dispatched, relayed and older than $1 days, once no delivery needs their body. $2 rows at most.
-- Indexes: outbox_age, webhook_deliveries_event.
with old as (
  select event_id
    from outbox o
   where created_at < now() - $1::int * interval '1 day'
     and dispatched_at is not null
     and relayed_at is not null
     and not exists (select from webhook_deliveries d where d.event_id = o.event_id)
   order by created_at
   limit $2
     for update skip locked
), deleted as (
  delete from outbox o using old where o.event_id = old.event_id
)
select count(*)::int as deleted from old
