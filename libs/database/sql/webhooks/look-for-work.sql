-- Whether there is anything to dispatch, to relay, or to deliver: one cheap look, several times a second.
-- A delivery that waits for its predecessor counts as due here; the claim knows better.
-- Indexes: outbox_undispatched, outbox_unrelayed, webhook_deliveries_due.
select exists (select from outbox where dispatched_at is null) or exists (select from incident_joins) as "toDispatch",
       exists (select from outbox where relayed_at is null) as "toRelay",
       exists (
         select
           from webhook_endpoints e
          where e.enabled
            and e.suspended_at is null
            and e.deleted_at is null
            and (e.paused_until is null or e.paused_until <= now())
            and exists (
              select
                from webhook_deliveries d
               where d.endpoint_id = e.id
                 and d.status in ('pending', 'failed')
                 and d.next_attempt_at <= now()
                 and (d.claimed_until is null or d.claimed_until <= now()))
       ) as "toDeliver"
