-- Gives up what waits for an endpoint, by somebody's decision. $1 endpoint, $2 made before, $3 who.
-- One that is being sent at this moment is left alone: what came of it is about to be written down.
-- Index: webhook_deliveries_order.
with skipped as (
  update webhook_deliveries
     set status = 'dead', next_attempt_at = null, skipped_at = now(), skipped_by = $3
   where endpoint_id = $1
     and status in ('pending', 'failed')
     and created_at < $2
     and (claimed_until is null or claimed_until < now())
  returning 1
)
select count(*)::int as skipped from skipped
