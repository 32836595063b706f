-- Makes a delivery of each undispatched event for each endpoint that wants it: one for a suspended endpoint waits, one for a disabled endpoint is not made.
-- Heartbeats, one a minute, go to endpoints that ask for them by name, and wait for none: they say something of now alone.
-- $1 events at most, $2 ms until a delivery is due.
-- Runs under the dispatch lock: with two at once a later event of a subject could be dispatched, and sent, before an earlier one.
-- A row that the relay is marking is waited for: passed over, it would be overtaken by the next event of its subject. Both lock in the order of ids.
-- An endpoint that names vehicles or groups gets the events of these, incidents that one of them is a member of by now, and what is of no vehicle.
-- It is told once that an incident was opened when one of them joins later, and before it is told of the end: no end comes without its beginning.
-- Batches are numbered: (dispatch_batch, id) is the feed's order.
-- Indexes: outbox_undispatched, outbox_incidents, webhook_endpoints_organisation, webhook_deliveries_once, vehicles_vehicle_id_key, incident_members_pkey.
with batch as (
  select event_id, id, organisation_id, type, subject, record_key, created_at
    from outbox
   where dispatched_at is null
   order by id
   limit $1
     for update
), joined as (
  delete from incident_joins
   where id in (select id from incident_joins order by id limit $1)
  returning incident_id
), grown as (
  -- Incidents to hear of late. Who joined while the end was being told has an alert of its own.
  select incident_id as subject
    from joined j
   where not exists (
           select from outbox o where o.subject = j.incident_id and o.type like 'incident.%' and o.type = 'incident.closed' and o.dispatched_at is not null)
  union
  select subject from batch where type = 'incident.closed'
), told as (
  select event_id, id, organisation_id, type, subject, record_key, false as to_named_only from batch
  union all
  select o.event_id, o.id, o.organisation_id, o.type, o.subject, o.record_key, true
    from grown g
    join outbox o on o.subject = g.subject and o.type like 'incident.%' and o.type = 'incident.opened'
), made as (
  insert into webhook_deliveries (organisation_id, endpoint_id, event_id, event_type, subject, sequence, next_attempt_at)
  select t.organisation_id, e.id, t.event_id, t.type, t.subject, t.id, now() + $2::float8 * interval '1 millisecond'
    from told t
    join webhook_endpoints e
      on e.organisation_id = t.organisation_id
     and e.deleted_at is null
     and e.enabled
     and (cardinality(e.event_types) = 0 and t.type <> 'pipeline.heartbeat' or t.type = any (e.event_types))
     and (t.type <> 'pipeline.heartbeat' or e.suspended_at is null)
     -- An endpoint is not told of its own suspension.
     and e.id <> t.subject
     and ((e.vehicle_ids is null and e.group_ids is null and not t.to_named_only)
       or t.type !~ '^(alert|incident)[.]'
       -- An alert's record key is its vehicle.
       or (t.type like 'alert.%' and t.record_key = any (e.vehicle_ids))
       or (t.type like 'alert.%' and exists (
             select from vehicles v join vehicle_group_members m on m.vehicle = v.id
              where v.vehicle_id = t.record_key and v.organisation_id = t.organisation_id and m.group_id = any (e.group_ids)))
       or (t.type like 'incident.%' and exists (
             select from incident_members i join vehicles v on v.id = i.vehicle
              where i.incident_id = t.subject
                and (v.vehicle_id = any (e.vehicle_ids)
                  or exists (select from vehicle_group_members m where m.vehicle = v.id and m.group_id = any (e.group_ids))))))
   order by t.id
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
