-- The installation, its organisations and vehicles, the consumers' positions, and the roles that the apps connect as.

-- Roles belong to the cluster, not to the database: another installation on the same server may have made them.
-- They own nothing, and have neither SUPERUSER nor BYPASSRLS. Passwords are set by `milepost migrate`, not here.
do $$
declare
  role text;
begin
  foreach role in array array['milepost_ingest', 'milepost_alerts', 'milepost_webhooks', 'milepost_api'] loop
    begin
      execute format('create role %I login nosuperuser nocreatedb nocreaterole nobypassrls', role);
    exception when duplicate_object or unique_violation then
      null;
    end;
  end loop;
end
$$;

revoke create on schema public from public;
grant usage on schema public to milepost_ingest, milepost_alerts, milepost_webhooks, milepost_api;

-- One row: what this installation is.
create table installation (
  only_row           boolean primary key default true check (only_row),
  created_at         timestamptz not null default now(),
  -- Raised when the data came to another Postgres cluster, as after a restore: transaction ids start anew there.
  feed_epoch         smallint not null default 1,
  system_identifier  bigint not null
);
insert into installation (system_identifier) select system_identifier from pg_control_system();

-- The partition counts the installation was made with; start-up fails when Kafka's differ.
create table kafka_topics (
  topic       text primary key,
  partitions  integer not null check (partitions > 0)
);

-- Where each consumer goes on. Postgres is the truth: the row is locked, checked and advanced in the batch's transaction.
create table kafka_offsets (
  consumer        text not null,
  cluster_id      text not null,
  topic           text not null,
  partition       integer not null,
  next_offset     bigint not null check (next_offset >= 0),
  -- Everything with a Kafka timestamp before this is stored (ingest).
  complete_until  timestamptz,
  -- The partition's own clock and its writers' leases (alerts).
  clock_at        timestamptz,
  clock           jsonb,
  updated_at      timestamptz not null default now(),
  primary key (consumer, cluster_id, topic, partition)
) with (fillfactor = 50);

create table organisations (
  id          integer generated always as identity primary key,
  name        text not null unique check (char_length(name) between 1 and 128),
  created_at  timestamptz not null default now()
);
-- Connection attempts that belong to nobody are the operator's.
insert into organisations (name) values ('default');

-- The registry: binds a vehicle id to one organisation on first sight. `id` is the compact key of all other tables.
create table vehicles (
  id               integer generated always as identity primary key,
  vehicle_id       text not null unique check (vehicle_id ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$'),
  organisation_id  integer not null references organisations (id),
  registration     text not null default 'active' check (registration in ('active', 'pending', 'refused')),
  vin              text,
  name             text,
  first_seen_at    timestamptz(3) not null default now()
);
create index vehicles_organisation on vehicles (organisation_id, vehicle_id);

-- The organisation of the running transaction. A pooled connection that was used before answers '' for a setting that is gone.
create function current_organisation() returns integer
  language plpgsql stable parallel safe
  set search_path = pg_catalog
as $$
declare
  setting text := current_setting('milepost.organisation_id', true);
begin
  if setting is null or setting = '' then
    raise exception 'milepost.organisation_id is not set in this transaction'
      using errcode = '42501', hint = 'Run the query through withOrganisation().';
  end if;
  return setting::integer;
end
$$;

create function current_feed_epoch() returns smallint
  language sql stable parallel safe security definer
  set search_path = pg_catalog, public
as $$ select feed_epoch from public.installation $$;

-- Called at start-up: a new epoch when the data lives in another Postgres cluster than the recorded one.
create function refresh_feed_epoch() returns smallint
  language sql volatile security definer
  set search_path = pg_catalog, public
as $$
  update public.installation
     set feed_epoch = feed_epoch + (system_identifier <> (select system_identifier from pg_control_system()))::int,
         system_identifier = (select system_identifier from pg_control_system())
  returning feed_epoch
$$;

grant select on kafka_topics to milepost_ingest, milepost_alerts;
grant select, insert, update on kafka_offsets to milepost_ingest, milepost_alerts;
grant select, insert on organisations, vehicles to milepost_ingest, milepost_alerts;
grant select on organisations to milepost_webhooks, milepost_api;
grant select on vehicles to milepost_api;
revoke execute on function refresh_feed_epoch() from public;
grant execute on function refresh_feed_epoch() to milepost_ingest, milepost_alerts, milepost_webhooks;

alter table organisations enable row level security;
alter table vehicles enable row level security;
create policy workers on organisations to milepost_ingest, milepost_alerts, milepost_webhooks using (true) with check (true);
create policy workers on vehicles to milepost_ingest, milepost_alerts, milepost_webhooks using (true) with check (true);
create policy own_organisation on organisations to milepost_api using (id = (select current_organisation()));
create policy own_organisation on vehicles to milepost_api using (organisation_id = (select current_organisation()));
