-- The next events for fleet.alerts, in order. $1 events at most.
-- Index: outbox_unrelayed.
select o.event_id as "eventId", o.type, o.record_key as "recordKey", o.body, o.created_at as "createdAt", g.name as organisation
  from outbox o
  join organisations g on g.id = o.organisation_id
 where o.relayed_at is null
 order by o.id
 limit $1
