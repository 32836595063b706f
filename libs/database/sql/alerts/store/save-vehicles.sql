-- Writes changed vehicles of a presence partition. $1 partition; the rest parallel, a vehicle once. Times in ms.
-- Index: vehicle_presence_pkey.
insert into vehicle_presence
  (vehicle, organisation_id, presence_partition, state, since, cause, connections, last_contact_at, node, lost_at, lost_node, due_at, machine)
select c.vehicle, c.organisation_id, $1, c.state, to_timestamp(c.since / 1000), c.cause, c.connections, to_timestamp(c.last_contact / 1000),
       c.node, to_timestamp(c.lost / 1000), c.lost_node, to_timestamp(c.due / 1000), c.machine::jsonb
  from unnest($2::int[], $3::int[], $4::text[], $5::float8[], $6::text[], $7::int[], $8::float8[], $9::text[], $10::float8[], $11::text[],
              $12::float8[], $13::text[])
    as c (vehicle, organisation_id, state, since, cause, connections, last_contact, node, lost, lost_node, due, machine)
on conflict (vehicle) do update
   set presence_partition = excluded.presence_partition,
       state              = excluded.state,
       since              = excluded.since,
       cause              = excluded.cause,
       connections        = excluded.connections,
       last_contact_at    = excluded.last_contact_at,
       node               = excluded.node,
       lost_at            = excluded.lost_at,
       lost_node          = excluded.lost_node,
       due_at             = excluded.due_at,
       machine            = excluded.machine
