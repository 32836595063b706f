-- The next events of the feed, in its order: behind ($1 dispatch batch, $2 id), of the types $3 (null: all). $4 events at most.
-- Batches are dispatched one after another: what is committed later has a higher number, and nothing appears behind the cursor.
-- Index: outbox_dispatched.
select event_id as "eventId", type, created_at as "createdAt", body, dispatch_batch as "batch", id
  from outbox
 where (dispatch_batch, id) > ($1::bigint, $2::bigint)
   and dispatch_batch is not null
   and ($3::text[] is null or type = any ($3))
 order by dispatch_batch, id
 limit $4
