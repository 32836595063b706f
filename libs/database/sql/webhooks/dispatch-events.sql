-- Makes a delivery of each undispatched event for each endpoint that wants it: one for a suspended endpoint waits, one for a disabled endpoint is not made.
-- Heartbeats, one a minute, go to endpoints that ask for them by name.
-- $1 events at most.
-- Runs under the dispatch lock: with two at once a later event of a subject could be dispatched, and sent, before an earlier one.
-- A row that the relay is marking is waited for: passed over, it would be overtaken by the next event of its subject. Both lock in the order of ids.
-- Indexes: outbox_undispatched, webhook_endpoints_organisation, webhook_deliveries_once.
with batch as (
  select event_id, id, organisation_id, type, subject, created_at
    from outbox
   where dispatched_at is null
   order by id
   limit $1
     for update
), made as (
  insert into webhook_deliveries (organisation_id, endpoint_id, event_id, event_type, subject, sequence)
  select b.organisation_id, e.id, b.event_id, b.type, b.subject, b.id
    from batch b
    join webhook_endpoints e
      on e.organisation_id = b.organisation_id
     and e.deleted_at is null
     and e.enabled
     and (cardinality(e.event_types) = 0 and b.type <> 'pipeline.heartbeat' or b.type = any (e.event_types))
     -- An endpoint is not told of its own suspension.
     and e.id <> b.subject
   order by b.id
  on conflict (endpoint_id, event_id) where replay_of is null do nothing
  returning id
), marked as (
  update outbox o set dispatched_at = now() from batch b where o.event_id = b.event_id
)
select (select count(*) from batch)::int as events,
       (select count(*) from made)::int as deliveries,
       (select extract(epoch from now() - min(created_at))::float8 from batch) as "oldestAgeSeconds"
