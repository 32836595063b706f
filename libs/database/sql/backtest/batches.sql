-- Batches as they were applied, behind a batch. $1 batch, $2 the last one wanted, $3 at most so many.
-- Index: presence_batches_pkey.
select id::float8 as id, presence_partition as partition, policy_version::float8 as "policyVersion", loaded, log_time_ms as "logTimeMs", clock_ms as "clockMs",
       format, content
  from presence_batches
 where id > $1::bigint
   and id <= $2::bigint
 order by id
 limit $3
