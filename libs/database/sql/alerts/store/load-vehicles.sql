-- State of every vehicle of a presence partition. $1 partition.
-- Indexes: vehicle_presence_partition, vehicles_pkey.
select p.vehicle, v.vehicle_id as "vehicleId", p.organisation_id as "organisationId", p.machine
  from vehicle_presence p
  join vehicles v on v.id = p.vehicle
 where p.presence_partition = $1
