-- $1 the events that every in-sync replica of Kafka has. Locked in the order of ids, as the dispatch locks them.
-- Index: outbox_pkey.
with relayed as (
  select event_id
    from outbox
   where event_id = any ($1::uuid[])
   order by id
     for update
)
update outbox o set relayed_at = now() from relayed r where o.event_id = r.event_id
