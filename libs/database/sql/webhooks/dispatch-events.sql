-- Makes a delivery of each undispatched event for each endpoint that wants it: one for a suspended endpoint waits, one for a disabled endpoint is not made.
-- Heartbeats, one a minute, go to endpoints that ask for them by name.
-- $1 events at most.
-- Runs under the dispatch lock: with two at once a later event of a subject could be dispatched, and sent, before an earlier one.
-- A row that the relay is marking is waited for: passed over, it would be overtaken by the next event of its subject. Both lock in the order of ids.
-- An endpoint that names vehicles or groups gets the events of these, incidents that one of them is a member of by now, and what is of no vehicle.
-- Batches are numbered: (dispatch_batch, id) is the feed's order.
-- Indexes: outbox_undispatched, webhook_endpoints_organisation, webhook_deliveries_once, vehicles_vehicle_id_key, incident_members_pkey.
with batch as (
  select event_id, id, organisation_id, type, subject, record_key, created_at
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
     and ((e.vehicle_ids is null and e.group_ids is null)
       or b.type !~ '^(alert|incident)[.]'
       -- An alert's record key is its vehicle.
       or (b.type like 'alert.%' and b.record_key = any (e.vehicle_ids))
       or (b.type like 'alert.%' and exists (
             select from vehicles v join vehicle_group_members m on m.vehicle = v.id
              where v.vehicle_id = b.record_key and v.organisation_id = b.organisation_id and m.group_id = any (e.group_ids)))
       or (b.type like 'incident.%' and exists (
             select from incident_members i join vehicles v on v.id = i.vehicle
              where i.incident_id = b.subject
                and (v.vehicle_id = any (e.vehicle_ids)
                  or exists (select from vehicle_group_members m where m.vehicle = v.id and m.group_id = any (e.group_ids))))))
   order by b.id
  on conflict (endpoint_id, event_id) where replay_of is null do nothing
  returning id
), numbered as materialized (
  -- Once, whatever the plan: beside the join a generic plan called it for each event.
  select nextval('outbox_dispatch_batch') as number where exists (select from batch)
), marked as (
  update outbox o
     set dispatched_at = now(), dispatch_batch = n.number
    from batch b, numbered n
   where o.event_id = b.event_id
)
select (select count(*) from batch)::int as events,
       (select count(*) from made)::int as deliveries,
       (select extract(epoch from now() - min(created_at))::float8 from batch) as "oldestAgeSeconds"
