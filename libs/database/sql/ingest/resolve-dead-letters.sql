-- Originals whose replay was stored as a whole. $1 topics, $2 partitions, $3 offsets (parallel). Index: dead_letters_pkey.
update dead_letters d
   set resolved_at = now()
  from unnest($1::text[], $2::integer[], $3::bigint[]) as r (topic, partition, record_offset)
 where d.topic = r.topic and d.partition = r.partition and d."offset" = r.record_offset
