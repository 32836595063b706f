-- Forgets events that are dispatched, relayed and older than $1 days, once no delivery needs their body. $2 rows at most.
-- How far the feed is forgotten is written down with it: whoever would go on before that is told so.
-- Indexes: outbox_age, webhook_deliveries_event, forgotten_events_pkey.
with old as (
  select event_id, organisation_id, dispatch_batch, id
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
), marked as (
  insert into forgotten_events as f (organisation_id, dispatch_batch, id)
  select distinct on (organisation_id) organisation_id, dispatch_batch, id
    from old
   where dispatch_batch is not null
   order by organisation_id, dispatch_batch desc, id desc
  on conflict (organisation_id) do update
     set dispatch_batch = excluded.dispatch_batch, id = excluded.id
   where (f.dispatch_batch, f.id) < (excluded.dispatch_batch, excluded.id)
)
select count(*)::int as deleted from old
