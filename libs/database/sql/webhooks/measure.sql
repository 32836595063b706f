-- What waits, for the metrics. Those of suspended, disabled and deleted endpoints wait for somebody, not for us.
-- Indexes: webhook_deliveries_order, outbox_undispatched, outbox_unrelayed.
select count(*) filter (where active and status = 'pending')::float8 as pending,
       count(*) filter (where active and status = 'failed')::float8 as failed,
       count(*) filter (where not active)::float8 as waiting,
       coalesce(extract(epoch from now() - min(next_attempt_at) filter (where active)), 0)::float8 as "lagSeconds",
       (select count(*) from outbox where dispatched_at is null)::float8 as undispatched,
       (select coalesce(extract(epoch from now() - min(created_at)), 0) from outbox where relayed_at is null)::float8 as "relayLagSeconds"
  from (
    select d.status, d.next_attempt_at, e.enabled and e.suspended_at is null and e.deleted_at is null as active
      from webhook_deliveries d
      join webhook_endpoints e on e.id = d.endpoint_id
     where d.status in ('pending', 'failed')
  ) waiting
