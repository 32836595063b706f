-- Conditions: geofences, what ingest and alerts set aside to be judged, what is known of each vehicle, and several open alerts of a type.

create table geofences (
  id               uuid primary key default uuidv7(),
  organisation_id  integer not null references organisations (id),
  name             text not null check (char_length(name) between 1 and 128),
  description      text,
  -- GeoJSON polygon, or {type: "Circle", center, radiusM}; it never changes.
  shape            jsonb not null,
  alert_on         text not null default 'both' check (alert_on in ('enter', 'exit', 'both')),
  enabled          boolean not null default true,
  -- Only vehicles of this group; a fence of a group that is deleted goes with it.
  group_id         uuid,
  created_at       timestamptz(3) not null default now(),
  updated_at       timestamptz(3) not null default now(),
  unique (organisation_id, name),
  foreign key (group_id, organisation_id) references vehicle_groups (id, organisation_id) on delete cascade
);

-- Written with the items that they come of; deleted in the transaction that judges them. `identity` and `recorded_at` are the item's.
-- A vehicle's ids ascend as its messages came: its writers follow each other behind a fence, and no session keeps ids in stock.
create table condition_facts (
  id               bigint generated always as identity primary key,
  organisation_id  integer not null,
  vehicle          integer not null,
  shard            smallint not null generated always as (vehicle % 16) stored,
  recorded_at      timestamptz(3) not null,
  received_at      timestamptz(3) not null,
  identity         bigint not null,
  fact             jsonb not null,
  created_at       timestamptz(3) not null default now()
);
create index condition_facts_shard on condition_facts (shard, id);

-- One row a vehicle; `machine` is the state of the pure judge, `due_at` when to look again although nothing came.
create table vehicle_conditions (
  vehicle          integer primary key,
  organisation_id  integer not null,
  shard            smallint not null generated always as (vehicle % 16) stored,
  due_at           timestamptz(3),
  machine          jsonb not null
) with (fillfactor = 70);
create index vehicle_conditions_due on vehicle_conditions (shard, due_at) where due_at is not null;

-- Which of its type: the trouble code, the geofence; empty where a vehicle has but one.
alter table alerts add column key text not null default '';
drop index alerts_one_open;
create unique index alerts_one_open on alerts (vehicle, type, key) where status <> 'resolved';
create index alerts_open_geofence on alerts (key) where status <> 'resolved' and type in ('geofence_enter', 'geofence_exit');

-- What a changed or deleted fence has opened is looked at again; a fence that is merely called otherwise changes nothing that is open.
create function recheck_geofence() returns trigger
  language plpgsql security definer
  set search_path = pg_catalog, public
as $$
begin
  insert into public.condition_facts (organisation_id, vehicle, recorded_at, received_at, identity, fact)
  select distinct a.organisation_id, a.vehicle, now(), now(), 0, '{"kind":"recheck"}'::jsonb
    from public.alerts a
   where a.key = old.id::text
     and a.type in ('geofence_enter', 'geofence_exit')
     and a.status <> 'resolved'
     and a.organisation_id = old.organisation_id;
  return null;
end
$$;
create trigger recheck_geofence after update of alert_on, enabled or delete on geofences for each row execute function recheck_geofence();

grant select on geofences to milepost_ingest, milepost_alerts;
grant select, insert, update, delete on geofences to milepost_api;
grant select, insert on condition_facts to milepost_ingest;
grant select, insert, delete on condition_facts to milepost_alerts;
grant select, insert, update, delete on vehicle_conditions to milepost_alerts;

do $$
declare
  name text;
begin
  foreach name in array array['geofences', 'condition_facts', 'vehicle_conditions'] loop
    execute format('alter table %I enable row level security', name);
    execute format('create policy workers on %I to milepost_ingest, milepost_alerts using (true) with check (true)', name);
  end loop;
end
$$;
create policy own_organisation on geofences to milepost_api
  using (organisation_id = (select current_organisation())) with check (organisation_id = (select current_organisation()));
