-- The next events of the feed, in its order: behind ($1 dispatch batch, $2 id), of the types $3 (null: all). $4 events at most, among the next $5.
-- $6 bytes at most: an event behind so many is left to the next page. The first never is.
-- Batches are dispatched one after another: what is committed later has a higher number, and nothing appears behind the cursor.
-- Each row says the same of the page: where to go on, whether there was more to look at, and how far the feed is forgotten.
-- One row without an event when there is none.
-- Indexes: outbox_dispatched, outbox_pkey, forgotten_events_pkey.
with looked_at as materialized (
  select event_id, type, dispatch_batch, id, octet_length(body) as bytes
    from outbox
   where (dispatch_batch, id) > ($1::bigint, $2::bigint)
     and dispatch_batch is not null
   order by dispatch_batch, id
   limit $5
), wanted as materialized (
  select event_id, dispatch_batch, id,
         sum(bytes) over up_to_here <= $6::bigint or row_number() over up_to_here = 1 as fits
    from looked_at
   where $3::text[] is null or type = any ($3)
  window up_to_here as (order by dispatch_batch, id rows unbounded preceding)
   order by dispatch_batch, id
   limit $4
), chosen as materialized (
  select event_id, dispatch_batch, id from wanted where fits
), extent as materialized (
  select (select count(*) from wanted) = $4 or exists (select from wanted where not fits) as is_full,
         (select count(*) from looked_at) = $5 as has_more
), place as materialized (
  -- A full page ends with its last event, any other with what was looked at.
  select dispatch_batch, id
    from (select dispatch_batch, id from chosen
          union all
          select dispatch_batch, id from looked_at where not (select is_full from extent)) seen
   order by dispatch_batch desc, id desc
   limit 1
)
select o.event_id as "eventId",
       o.type,
       o.created_at as "createdAt",
       o.body,
       p.dispatch_batch as "lastBatch",
       p.id as "lastId",
       extent.has_more as "hasMore",
       f.dispatch_batch as "forgottenBatch",
       f.id as "forgottenId"
  from extent
  left join place p on true
  left join forgotten_events f on true
  left join chosen c on true
  left join outbox o on o.event_id = c.event_id
 order by c.dispatch_batch, c.id
