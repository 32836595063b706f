-- How each vehicle was when its presence changed, 35 days: what `explain` answers about the past.

create table presence_history (
  vehicle             integer not null,
  organisation_id     integer not null,
  -- Log time of the change, and its place among those of one moment.
  at                  timestamptz(3) not null,
  id                  bigint generated always as identity,
  presence_partition  integer not null,
  state               text not null,
  -- The state of the machine, the partition's two times in ms, and the last change of policies that held.
  machine             jsonb not null,
  log_time_ms         double precision,
  clock_ms            double precision not null,
  policy_version      bigint not null,
  primary key (vehicle, at, id)
);
create index presence_history_at on presence_history (at);
create index policy_changes_organisation on policy_changes (organisation_id, id);

grant select, insert, delete on presence_history to milepost_alerts;
grant select on presence_history to milepost_api;
alter table presence_history enable row level security;
create policy workers on presence_history to milepost_alerts using (true) with check (true);
create policy own_organisation on presence_history to milepost_api using (organisation_id = (select current_organisation()));

-- The two times of a presence partition, in ms. They tell nothing of any organisation, and the API sees nothing else of the positions.
create function presence_clock(of_partition integer)
  returns table (log_time_ms double precision, clock_ms double precision)
  language sql stable security definer
  set search_path = pg_catalog, public
as $$
  select (clock ->> 'logTimeMs')::float8, (clock ->> 'clockMs')::float8
    from public.kafka_offsets
   where consumer = 'alerts' and partition = of_partition and clock is not null
   order by updated_at desc
   limit 1
$$;
revoke execute on function presence_clock(integer) from public;
grant execute on function presence_clock(integer) to milepost_api;
