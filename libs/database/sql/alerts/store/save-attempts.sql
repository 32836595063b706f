-- Stores refused connection attempts. $1 source partition; the rest parallel. A repeated copy of a record is dropped by its writer's counter.
-- Index: connection_attempts_pkey.
insert into connection_attempts
  (source_partition, source_offset, organisation_id, at, address, common_name, organisation, issuer, serial, not_after, reason, remedy, count,
   node, epoch, counter)
select $1, a.*
  from unnest($2::bigint[], $3::int[], $4::timestamptz[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::timestamptz[],
              $11::text[], $12::text[], $13::int[], $14::text[], $15::bigint[], $16::bigint[]) as a
on conflict do nothing
