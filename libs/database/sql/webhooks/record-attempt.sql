-- Writes down one attempt: the delivery's new state, the attempt, and what it says about the endpoint. Nothing when the claim was lost,
-- nor when somebody gave the delivery up after the claim had run out (api/skip-deliveries).
-- $1 delivery, $2 claimed by, $3 at, $4 HTTP status, $5 error, $6 latency in ms, $7 response body,
-- $8 the delivery's status from now on, $9 ms until the next attempt (failed only), $10 ms for which the endpoint wants a pause, $11 whether to disable the endpoint,
-- $12 what it says of the endpoint itself: 'works', 'fails', 'unknown' or 'unasked' (nothing was sent), $13 failures in a row that open its breaker, $14 ms until the probe.
-- Indexes: webhook_deliveries_order, webhook_deliveries_endpoint.
with delivery as (
  update webhook_deliveries
     set status = $8,
         attempts = attempts + 1,
         next_attempt_at = case when $8 = 'failed' then now() + $9::float8 * interval '1 millisecond' end,
         delivered_at = case when $8 = 'delivered' then now() end,
         claimed_by = null,
         claimed_until = null
   where id = $1
     and claimed_by = $2
     and status in ('pending', 'failed')
  returning id, endpoint_id, organisation_id, attempts
), attempt as (
  insert into webhook_attempts (delivery_id, number, organisation_id, at, status, error, latency_ms, response_body)
  select id, attempts, organisation_id, $3::timestamptz, $4::int, $5::text, $6::float8, $7::text from delivery
), anew as (
  -- The first failure while nothing else waits for its retry, nor died of late: what failed before, perhaps weeks ago, was over.
  select d.id
    from delivery d
   where $8 <> 'delivered'
     and $12::text <> 'unasked'
     and d.attempts = 1
     and not exists (select from webhook_deliveries o where o.endpoint_id = d.endpoint_id and o.status = 'failed' and o.id <> d.id)
     and not exists (
           select from webhook_deliveries o
            where o.endpoint_id = d.endpoint_id and o.status = 'dead' and o.skipped_at is null and o.created_at > now() - interval '1 hour' and o.id <> d.id)
), endpoint as (
  update webhook_endpoints e
     set consecutive_failures = case $12::text when 'works' then 0 when 'fails' then e.consecutive_failures + 1 else e.consecutive_failures end,
         breaker_opened_at = case $12::text
           when 'works' then null
           when 'fails' then case when e.consecutive_failures + 1 >= $13::int then coalesce(e.breaker_opened_at, now()) end
           else e.breaker_opened_at
         end,
         failing_since = case when $8 = 'delivered' then null when exists (select from anew) then now() else coalesce(e.failing_since, now()) end,
         paused_until = greatest(
           -- The breaker's own pause ends with it; a longer one is what the endpoint asked for, and stays.
           case when $12 = 'works' and e.breaker_opened_at is not null and e.paused_until <= now() + $14::float8 * interval '1 millisecond'
             then null else e.paused_until end,
           now() + $10::float8 * interval '1 millisecond',
           case when $12 = 'fails' and e.consecutive_failures + 1 >= $13::int then now() + $14::float8 * interval '1 millisecond' end
         ),
         enabled = e.enabled and not $11::boolean
    from delivery d
   where e.id = d.endpoint_id
     and $12 <> 'unasked'
     -- Only when something changes: most attempts succeed at an endpoint that works.
     and (($8 = 'delivered') = (e.failing_since is not null) or exists (select from anew) or $10::float8 is not null or $11::boolean
          or $12 = 'fails' or ($12 = 'works' and (e.consecutive_failures > 0 or e.breaker_opened_at is not null)))
)
select id from delivery
