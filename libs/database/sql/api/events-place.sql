-- The place in the feed behind which the events since $1 stand; without one, or when $1 is null, the feed's end. Never before what is forgotten.
-- The events of a time are dispatched in the order of their ids, which no transaction of minutes turns round: the first ones' first place is the place.
-- Of this organisation says row-level security anyway; said in pairs, it leaves outbox_since as the only index for the first: a quiet organisation would go through all others' events.
-- Indexes: outbox_since, outbox_age, outbox_dispatched, forgotten_events_pkey.
with since as (
  select created_at as first_at
    from outbox
   where dispatch_batch is not null
     and (organisation_id, created_at) >= ((select current_organisation()), $1::timestamptz)
   order by created_at
   limit 1
), first_ones as materialized (
  -- By themselves: the order of the feed would tempt the planner to read it from its start.
  select dispatch_batch, id
    from outbox
   where dispatch_batch is not null
     and created_at >= (select first_at from since)
     and created_at < (select first_at + interval '5 minutes' from since)
), places as (
  (select dispatch_batch as batch, id - 1 as id, 1 as choice
     from first_ones
    order by dispatch_batch, first_ones.id
    limit 1)
  union all
  (select dispatch_batch, id, 2
     from outbox
    where dispatch_batch is not null
    order by dispatch_batch desc, id desc
    limit 1)
), place as (
  select batch, id from places order by choice limit 1
)
select batch, id
  from (select batch, id from place
        union all
        select dispatch_batch, id from forgotten_events) candidates
 order by batch desc, id desc
 limit 1
