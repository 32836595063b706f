-- Vehicles of a shard that are to be looked at. $1 shard, $2 now (ms), $3 at most so many.
-- Indexes: vehicle_conditions_due, vehicles_pkey.
select c.vehicle, v.vehicle_id as "vehicleId", c.organisation_id as "organisationId"
  from vehicle_conditions c
  join vehicles v on v.id = c.vehicle
 where c.shard = $1
   and c.due_at <= to_timestamp($2::float8 / 1000)
 order by c.due_at
 limit $3
