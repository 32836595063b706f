-- As the owner: of all organisations, newest first. Index: dead_letters_organisation where $2 is given; else few are kept (30 days).
select d.topic, d.partition, d."offset", d.at, d.vehicle_id as "vehicleId", o.name as organisation, d.errors, d.error_count as "errorCount", d.resolved_at as "resolvedAt"
  from dead_letters d
  join organisations o on o.id = d.organisation_id
 where $2::text is null or o.name = $2
 order by d.at desc, d.topic, d.partition, d."offset"
 limit $1;
