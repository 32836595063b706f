-- A partition's clock lies behind log time by all the outages that there ever were: whether alerts keeps up, its log time says. The clock says that it moves.
drop function presence_clocks();
create function presence_clocks()
  returns table (partition integer, clock_at timestamptz, log_at timestamptz)
  language sql stable security definer
  set search_path = pg_catalog, public
as $$
  select n.partition, o.clock_at, to_timestamp((o.clock ->> 'logTimeMs')::double precision / 1000)
    from public.kafka_topics t
   cross join lateral generate_series(0, t.partitions - 1) as n (partition)
    left join lateral (
           select k.clock_at, k.clock
             from public.kafka_offsets k
            where k.consumer = 'alerts' and k.topic = t.topic and k.partition = n.partition
            order by k.updated_at desc
            limit 1
         ) o on true
   where t.topic = 'fleet.presence'
$$;
revoke execute on function presence_clocks() from public;
grant execute on function presence_clocks() to milepost_canary;
