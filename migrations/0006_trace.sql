-- /v1/trace finds what became of a record by its place in the log.

create index status_reports_source on status_reports using brin (source_partition, source_offset);

-- How many partitions a topic has, and where ingest goes on in one of them: nothing of any organisation, and all that the API may know of it.
create function ingest_position(topic text, partition integer)
  returns table (partitions integer, next_offset bigint)
  language sql stable security definer
  set search_path = pg_catalog, public
as $$
  select t.partitions, o.next_offset
    from public.kafka_topics t
    left join lateral (
           select k.next_offset
             from public.kafka_offsets k
            where k.consumer = 'ingest' and k.topic = ingest_position.topic and k.partition = ingest_position.partition
            order by k.updated_at desc
            limit 1
         ) o on true
   where t.topic = ingest_position.topic
$$;
revoke execute on function ingest_position(text, integer) from public;
grant execute on function ingest_position(text, integer) to milepost_api;
