-- Which of these endpoints were deleted. $1 ids.
-- Index: webhook_endpoints_pkey.
select shown.id
  from unnest($1::uuid[]) as shown (id)
 where not exists (select from webhook_endpoints e where e.id = shown.id and e.deleted_at is null)
