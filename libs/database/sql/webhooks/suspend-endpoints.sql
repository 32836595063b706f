-- Suspends each endpoint that has failed for too long without one success and has a retry due, and tells the organisation's other endpoints.
-- What waits is due from then on: it goes out as soon as the endpoint is enabled.
-- $1 for how many ms, $2 the reason in words.
-- Index: webhook_deliveries_order.
with suspended as (
  update webhook_endpoints e
     set suspended_at = now(), suspended_reason = $2
   where e.enabled
     and e.suspended_at is null
     and e.deleted_at is null
     and e.failing_since <= now() - $1::float8 * interval '1 millisecond'
     and exists (select from webhook_deliveries d where d.endpoint_id = e.id and d.status = 'failed')
  returning uuidv7() as event_id, e.id, e.organisation_id, e.url, e.suspended_reason
), due as (
  update webhook_deliveries d set next_attempt_at = now() from suspended s where d.endpoint_id = s.id and d.status = 'failed'
)
insert into outbox (event_id, organisation_id, type, subject, record_key, body)
select event_id,
       organisation_id,
       'webhook.endpoint.suspended',
       id,
       id::text,
       json_build_object(
         'id', event_id,
         'type', 'webhook.endpoint.suspended',
         'timestamp', to_char(now() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
         'data', json_build_object('endpoint', json_build_object('id', id, 'url', url, 'reason', suspended_reason))
       )::text
  from suspended
returning subject as "endpointId"
