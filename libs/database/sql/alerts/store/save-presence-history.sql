-- Remembers vehicles as they are after a change. $1 partition, $2 log time (ms, or null), $3 clock (ms), $4 version of the policies;
-- vehicles, organisations, times of the change in ms, states and machines parallel. What is noticed late stands behind what was said before it: the newest row is the newest state.
-- Index: presence_history_pkey.
insert into presence_history (vehicle, organisation_id, at, presence_partition, state, machine, log_time_ms, clock_ms, policy_version)
select h.vehicle, h.organisation_id, greatest(to_timestamp(h.at / 1000), (select max(p.at) from presence_history p where p.vehicle = h.vehicle)),
       $1, h.state, h.machine::jsonb, $2::float8, $3::float8, $4::bigint
  from unnest($5::int[], $6::int[], $7::float8[], $8::text[], $9::text[]) as h (vehicle, organisation_id, at, state, machine)
