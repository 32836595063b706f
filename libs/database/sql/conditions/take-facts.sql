-- Takes what waits of a shard, emergencies before all else, then the oldest: deleted here, judged in the same transaction. $1 shard, $2 at most so many.
-- Indexes: condition_facts_taken, condition_facts_pkey, vehicles_pkey.
with taken as (
  delete from condition_facts
   where id in (select id from condition_facts where shard = $1 order by urgent desc, id limit $2)
  returning id, organisation_id, vehicle, recorded_at, received_at, identity, fact
)
select t.vehicle, v.vehicle_id as "vehicleId", t.organisation_id as "organisationId",
       extract(epoch from t.recorded_at)::float8 * 1000 as "recordedAtMs", extract(epoch from t.received_at)::float8 * 1000 as "receivedAtMs",
       t.identity::text as identity, t.fact
  from taken t
  join vehicles v on v.id = t.vehicle
 order by t.id
