-- A call for help does not wait behind the fixes of an hour: an emergency, and its end, are taken before everything else of their shard.
-- What a vehicle's facts of different kinds come to does not depend on their order among each other.
alter table condition_facts
  add column urgent boolean not null generated always as (fact ->> 'kind' in ('emergency', 'dismiss')) stored;
create index condition_facts_taken on condition_facts (shard, urgent desc, id);
drop index condition_facts_shard;

-- Where the record of a partition stands, and what lies behind a snapshot.
create index presence_batches_partition on presence_batches (presence_partition, id);
