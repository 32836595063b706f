-- Claims deliveries that are due, and answers with all that sending them needs.
-- $1 claimed by, $2 lease in ms, $3 deliveries at most, $4 in flight at an endpoint at most.
-- Runs under the claim lock: the count of those in flight must not be older than another process's claim.
-- At an endpoint whose breaker is open, one: the probe. Its pause is `paused_until`, as when it asks for one itself.
-- Of one endpoint and subject only the earliest undelivered one is due; a replay stands beside them and waits for nobody.
-- Not to be prepared: see apps/webhooks/src/deliver/delivery-store.ts.
-- Indexes: webhook_deliveries_in_flight, webhook_deliveries_due, webhook_deliveries_order.
with endpoint as (
  select e.id, l.most - f.in_flight as room
    from webhook_endpoints e
   cross join lateral (select case when e.breaker_opened_at is null then $4::int else 1 end as most) l
   cross join lateral (
     select count(*)::int as in_flight from webhook_deliveries d where d.endpoint_id = e.id and d.claimed_until > clock_timestamp()
   ) f
   where e.enabled
     and e.suspended_at is null
     and e.deleted_at is null
     and (e.paused_until is null or e.paused_until <= now())
     and f.in_flight < l.most
), due as (
  select d.id
    from endpoint
   cross join lateral (
     select d.id, d.next_attempt_at
       from webhook_deliveries d
      where d.endpoint_id = endpoint.id
        and d.status in ('pending', 'failed')
        and d.next_attempt_at <= now()
        and (d.claimed_until is null or d.claimed_until <= clock_timestamp())
        and (d.replay_of is not null or not exists (
              select from webhook_deliveries earlier
               where earlier.endpoint_id = d.endpoint_id
                 and earlier.subject = d.subject
                 and earlier.sequence < d.sequence
                 and earlier.status in ('pending', 'failed')
                 and earlier.replay_of is null))
      order by d.next_attempt_at, d.sequence
      limit endpoint.room
        for update skip locked
   ) d
   order by d.next_attempt_at
   limit $3
)
update webhook_deliveries d
   set claimed_by = $1,
       claimed_until = clock_timestamp() + $2::float8 * interval '1 millisecond'
  from due, webhook_endpoints e, outbox o
 where d.id = due.id
   and e.id = d.endpoint_id
   and o.event_id = d.event_id
returning d.id,
          d.endpoint_id as "endpointId",
          d.event_id as "eventId",
          d.attempts,
          o.type as "eventType",
          extract(epoch from clock_timestamp() - o.created_at)::float8 * 1000 as "eventAgeMs",
          d.replay_of is not null as "isReplay",
          o.body,
          e.url,
          e.format,
          e.headers,
          e.secret,
          case when e.previous_secret_until > now() then e.previous_secret end as "previousSecret"
