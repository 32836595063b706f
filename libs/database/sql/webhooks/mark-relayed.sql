-- $1 the events that every in-sync replica of Kafka has.
update outbox set relayed_at = now() where event_id = any ($1::uuid[])
