-- The place in the feed behind which the events since $1 stand; without one, or when $1 is null, the feed's end.
-- Index: outbox_dispatched.
select batch, id
  from (
    (select dispatch_batch as batch, id - 1 as id, 1 as choice
       from outbox
      where dispatch_batch is not null
        and created_at >= $1
      order by dispatch_batch, outbox.id
      limit 1)
    union all
    (select dispatch_batch, id, 2
       from outbox
      where dispatch_batch is not null
      order by dispatch_batch desc, outbox.id desc
      limit 1)
  ) place
 order by choice
 limit 1
