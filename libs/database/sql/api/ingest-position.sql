-- How many partitions a topic has, and where ingest goes on in one of them: null before it has begun. No row for an unknown topic.
-- $1 topic, $2 partition. Index: kafka_offsets_pkey.
select partitions, next_offset as "nextOffset" from ingest_position($1, $2)
