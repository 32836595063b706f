-- A batch in which nothing happened but that time passed: the new position with the partition's clock, and the batch as it was applied. The whole
-- transaction; the fence is that nothing moves unless the position is the expected one. The commit does not wait for the disk: whoever builds on it
-- commits behind it and flushes it too, and a Postgres that crashed before has position and batches as they were, from where the log is read again.
-- $1 cluster id, $2 topic, $3 partition, $4 expected offset, $5 next offset, $6 clock (ms), $7 clock, $8 version of the policies,
-- $9 log time (ms, or null), $10 format, $11 content, $12 how long ago (ms) the log ended there, null where it went on. Index: kafka_offsets_pkey.
with moved as (
  update kafka_offsets
     set next_offset    = $5,
         clock_at       = to_timestamp($6::float8 / 1000),
         clock          = $7::jsonb,
         complete_until = coalesce(now() - make_interval(secs => $12::float8 / 1000), complete_until),
         updated_at     = now()
   where consumer = 'alerts'
     and cluster_id = $1
     and topic = $2
     and partition = $3::int
     and next_offset = $4
     and (select set_config('synchronous_commit', 'off', true)) = 'off'
  returning partition
)
insert into presence_batches (presence_partition, policy_version, loaded, log_time_ms, clock_ms, format, content)
select partition, $8::bigint, false, $9::float8, $6::float8, $10::smallint, $11::bytea
  from moved
returning id::float8 as id
