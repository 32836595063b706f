-- Sends again what has not arrived at an endpoint: a new delivery beside each dead one, and a retry at once for each failed one.
-- A dead one that a replay of it has delivered, or will, is left alone; so is one that was skipped.
-- $1 endpoint, $2 made since, $3 made before, $4 status ('dead' or 'failed'; null: both), $5 deliveries at most.
-- Indexes: webhook_deliveries_not_arrived, webhook_deliveries_event.
with chosen as (
  select d.id, d.status
    from webhook_deliveries d
   where d.endpoint_id = $1
     and d.created_at >= $2
     and d.created_at < $3
     and d.status in ('dead', 'failed')
     and ($4::text is null or d.status = $4)
     and d.skipped_at is null
     and (d.status = 'failed'
       or d.replay_of is null and not exists (
            select from webhook_deliveries r
             where r.event_id = d.event_id and r.endpoint_id = d.endpoint_id and r.replay_of = d.id and r.status <> 'dead'))
     and (d.status = 'dead' or d.next_attempt_at > now())
   order by d.created_at, d.id
   limit $5
     for update of d
), replayed as (
  insert into webhook_deliveries (organisation_id, endpoint_id, event_id, event_type, subject, sequence, replay_of)
  select d.organisation_id, d.endpoint_id, d.event_id, d.event_type, d.subject, d.sequence, d.id
    from webhook_deliveries d
    join chosen c on c.id = d.id and c.status = 'dead'
   order by d.sequence
  returning 1
), hastened as (
  update webhook_deliveries d
     set next_attempt_at = now()
    from chosen c
   where d.id = c.id
     and c.status = 'failed'
  returning 1
)
select (select count(*) from replayed)::int as replayed,
       (select count(*) from hastened)::int as hastened,
       (select count(*) from chosen)::int as chosen
