-- Keeps a batch as it was applied, in the fenced transaction. $1 partition, $2 version of the policies, $3 whether the state was read before it,
-- $4 log time (ms, or null), $5 clock (ms), $6 format, $7 content.
insert into presence_batches (presence_partition, policy_version, loaded, log_time_ms, clock_ms, format, content)
values ($1, $2, $3, $4, $5, $6, $7)
returning id::float8 as id
