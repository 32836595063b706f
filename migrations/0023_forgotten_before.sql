-- The feed forgot events before it was written down how far (0021): a cursor from before them would pass over them without a word, and is refused as any other.
-- Forgotten is what stood before the oldest event that is left; where none is left of one who had any, all that was dispatched so far.
insert into forgotten_events (organisation_id, dispatch_batch, id)
select o.id, coalesce(oldest.dispatch_batch, dispatched.last_value), coalesce(oldest.id - 1, 0)
  from organisations o
 cross join outbox_dispatch_batch dispatched
  left join lateral (
         select dispatch_batch, id
           from outbox
          where organisation_id = o.id
            and dispatch_batch is not null
          order by dispatch_batch, id
          limit 1) oldest on true
 where dispatched.is_called
   and (oldest.id is not null
     or exists (select from alerts a where a.organisation_id = o.id)
     or exists (select from webhook_endpoints e where e.organisation_id = o.id))
-- Since then it is written down, and exactly.
on conflict (organisation_id) do nothing;
