-- A heartbeat into the outbox. Its own subject: it waits for no earlier one that could not be delivered.
-- $1 event, $2 organisation by name, $3 body. Index: organisations_name_key.
insert into outbox (event_id, organisation_id, type, subject, record_key, body)
select $1::uuid, o.id, 'pipeline.heartbeat', $1::uuid, 'pipeline', $3
  from organisations o
 where o.name = $2
