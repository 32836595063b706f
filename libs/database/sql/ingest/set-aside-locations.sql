-- Sets aside what alerts may come of, for items that are not stored yet: before the history is written, in the batch's transaction.
-- Their ids ascend as they stand in the arrays: the order in which they came. A fact that is there twice counts once.
-- $1 vehicles, $2 organisations, $3 recorded (ms), $4 identities, $5 received (ms), $6 facts: parallel. Indexes: locations_pkey of each day.
insert into condition_facts (organisation_id, vehicle, recorded_at, received_at, identity, fact)
select f.organisation_id, f.vehicle, to_timestamp(f.recorded_ms / 1000.0), to_timestamp(min(f.received_ms) / 1000.0), f.identity, f.fact::jsonb
  from unnest($1::integer[], $2::integer[], $3::bigint[], $4::bigint[], $5::bigint[], $6::text[])
       with ordinality as f (vehicle, organisation_id, recorded_ms, identity, received_ms, fact, place)
 where not exists (
   select from locations h
    where h.vehicle = f.vehicle
      and h.recorded_at = to_timestamp(f.recorded_ms / 1000.0)::timestamptz(3)
      and h.identity = f.identity
 )
 group by f.organisation_id, f.vehicle, f.recorded_ms, f.identity, f.fact
 order by min(f.place)
