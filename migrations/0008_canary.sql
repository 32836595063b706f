-- The canary sends through the whole pipeline, and says so to the operator's webhooks.

do $$
begin
  create role milepost_canary login nosuperuser nocreatedb nocreaterole nobypassrls;
exception when duplicate_object or unique_violation then
  null;
end
$$;

grant usage on schema public to milepost_canary;
grant select on organisations to milepost_canary;
grant insert on outbox to milepost_canary;
create policy canary on organisations for select to milepost_canary using (true);
create policy canary on outbox for insert to milepost_canary with check (type = 'pipeline.heartbeat');

-- Every partition of the presence log, with how far alerts has judged it in the log that it works on.
create function presence_clocks()
  returns table (partition integer, clock_at timestamptz)
  language sql stable security definer
  set search_path = pg_catalog, public
as $$
  select n.partition, o.clock_at
    from public.kafka_topics t
   cross join lateral generate_series(0, t.partitions - 1) as n (partition)
    left join lateral (
           select k.clock_at
             from public.kafka_offsets k
            where k.consumer = 'alerts' and k.topic = t.topic and k.partition = n.partition
            order by k.updated_at desc
            limit 1
         ) o on true
   where t.topic = 'fleet.presence'
$$;
revoke execute on function presence_clocks() from public;
grant execute on function presence_clocks() to milepost_canary;
grant execute on function current_feed_epoch() to milepost_canary;
