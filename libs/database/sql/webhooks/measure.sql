-- What waits, for the metrics. Those of suspended, disabled and deleted endpoints wait for somebody, not for us.
-- The lag is ours alone: it leaves out what waits for an endpoint's pause or for its predecessor.
-- Indexes: webhook_deliveries_order, outbox_undispatched, outbox_unrelayed.
select count(*) filter (where active and status = 'pending')::float8 as pending,
       count(*) filter (where active and status = 'failed')::float8 as failed,
       count(*) filter (where not active)::float8 as waiting,
       coalesce(extract(epoch from now() - min(next_attempt_at) filter (where due)), 0)::float8 as "lagSeconds",
       (select count(*) from webhook_endpoints where breaker_opened_at is not null and enabled and suspended_at is null and deleted_at is null)::float8 as "openBreakers",
       (select count(*) from outbox where dispatched_at is null)::float8 as undispatched,
       (select coalesce(extract(epoch from now() - min(created_at)), 0) from outbox where relayed_at is null)::float8 as "relayLagSeconds"
  from (
    select d.status, d.next_attempt_at, e.active,
           case when e.active and not e.paused and d.next_attempt_at <= now() then
             d.replay_of is not null or not exists (
               select from webhook_deliveries earlier
                where earlier.endpoint_id = d.endpoint_id
                  and earlier.subject = d.subject
                  and earlier.sequence < d.sequence
                  and earlier.status in ('pending', 'failed')
                  and earlier.replay_of is null)
           else false end as due
      from webhook_deliveries d
      join (
        select id,
               enabled and suspended_at is null and deleted_at is null as active,
               paused_until is not null and paused_until > now() as paused
          from webhook_endpoints
      ) e on e.id = d.endpoint_id
     where d.status in ('pending', 'failed')
  ) waiting
