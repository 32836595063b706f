-- Puts events into the outbox, in this order. Ids, organisations, types, subjects, record keys and bodies parallel.
insert into outbox (event_id, organisation_id, type, subject, record_key, body)
select e.event_id, e.organisation_id, e.type, e.subject, e.record_key, e.body
  from unnest($1::uuid[], $2::int[], $3::text[], $4::uuid[], $5::text[], $6::text[])
    with ordinality as e (event_id, organisation_id, type, subject, record_key, body, place)
 order by e.place
