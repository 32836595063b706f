-- Writes down one attempt: the delivery's new state, the attempt, and what it says about the endpoint. Nothing when the claim was lost.
-- $1 delivery, $2 claimed by, $3 at, $4 HTTP status, $5 error, $6 latency in ms, $7 response body,
-- $8 the delivery's status from now on, $9 ms until the next attempt (failed only), $10 ms for which the endpoint wants a pause, $11 whether to disable the endpoint.
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
  returning id, endpoint_id, organisation_id, attempts
), attempt as (
  insert into webhook_attempts (delivery_id, number, organisation_id, at, status, error, latency_ms, response_body)
  select id, attempts, organisation_id, $3::timestamptz, $4::int, $5::text, $6::float8, $7::text from delivery
), endpoint as (
  update webhook_endpoints e
     set failing_since = case when $8 <> 'delivered' then coalesce(e.failing_since, now()) end,
         paused_until = case when $10::float8 is null then e.paused_until else greatest(e.paused_until, now() + $10::float8 * interval '1 millisecond') end,
         enabled = e.enabled and not $11::boolean
    from delivery d
   where e.id = d.endpoint_id
     -- Only when something changes: most attempts succeed at an endpoint that works.
     and (($8 = 'delivered') = (e.failing_since is not null) or $10::float8 is not null or $11::boolean)
)
select id from delivery
