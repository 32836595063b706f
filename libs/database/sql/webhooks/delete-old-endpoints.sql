-- Forgets endpoints that were deleted, once the last of their deliveries is forgotten. $1 days, $2 rows at most.
-- Index: webhook_deliveries_endpoint.
with old as (
  select id
    from webhook_endpoints e
   where deleted_at < now() - $1::int * interval '1 day'
     and not exists (select from webhook_deliveries d where d.endpoint_id = e.id)
   limit $2
     for update skip locked
), deleted as (
  delete from webhook_endpoints e using old where e.id = old.id
)
select count(*)::int as deleted from old
