-- What a list is asked for by, in its order: without these a rare value is looked for in all rows of 30 days.
create index connection_attempts_common_name on connection_attempts (organisation_id, common_name, at desc, source_partition, source_offset)
  where common_name is not null;
create index connection_attempts_reason on connection_attempts (organisation_id, reason, at desc, source_partition, source_offset);
-- Of a delivery that arrives at once nothing is written here.
create index webhook_deliveries_not_arrived on webhook_deliveries (endpoint_id, created_at desc, id desc) where status in ('dead', 'failed');
