-- A row that a replay has updated since it was read (`at` differs) stays unrelayed. $1 topics, $2 partitions, $3 offsets, $4 `at` as read (parallel).
-- Index: dead_letters_pkey.
update dead_letters d
   set relayed_at = now()
  from unnest($1::text[], $2::integer[], $3::bigint[], $4::timestamptz[]) as r (topic, partition, record_offset, at)
 where d.topic = r.topic and d.partition = r.partition and d."offset" = r.record_offset and d.at = r.at
