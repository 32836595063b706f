-- Policies and mutes, and the log of their changes: alerts folds it in its order, so that every process has the same policies at the same number.

-- `priority` decides between groups of one vehicle.
create table alert_policies (
  id               uuid primary key default uuidv7(),
  organisation_id  integer not null references organisations (id),
  scope            text not null check (scope in ('organisation', 'group', 'vehicle')),
  group_id         uuid unique,
  vehicle          integer unique references vehicles (id),
  priority         integer not null default 0,
  settings         jsonb not null,
  updated_at       timestamptz(3) not null default now(),
  updated_by       text not null,
  check ((scope = 'group') = (group_id is not null) and (scope = 'vehicle') = (vehicle is not null)),
  foreign key (group_id, organisation_id) references vehicle_groups (id, organisation_id) on delete cascade
);
create unique index alert_policies_organisation on alert_policies (organisation_id) where scope = 'organisation';
create index alert_policies_listed on alert_policies (organisation_id, id);

-- Nothing is told of its target meanwhile. A snooze is one that names its alert.
create table alert_mutes (
  id               uuid primary key default uuidv7(),
  organisation_id  integer not null references organisations (id),
  scope            text not null check (scope in ('organisation', 'group', 'vehicle')),
  group_id         uuid,
  vehicle          integer references vehicles (id),
  types            text[],
  alert_id         uuid references alerts (id),
  alert_opened_at  timestamptz(3),
  starts_at        timestamptz(3) not null default now(),
  ends_at          timestamptz(3) check (ends_at > starts_at),
  reason           text,
  created_at       timestamptz(3) not null default now(),
  created_by       text not null,
  check ((scope = 'group') = (group_id is not null) and (scope = 'vehicle') = (vehicle is not null)),
  check ((alert_id is null) = (alert_opened_at is null)),
  foreign key (group_id, organisation_id) references vehicle_groups (id, organisation_id) on delete cascade
);
create index alert_mutes_listed on alert_mutes (organisation_id, id desc);
create index alert_mutes_ended on alert_mutes (ends_at);

-- Facts, numbered in the order of their commits: whoever reads on from a number misses none. `organisation_id` is null for what holds in the whole installation.
create table policy_changes (
  id               bigint primary key,
  at               timestamptz(3) not null,
  organisation_id  integer,
  change           jsonb not null
);
create index policy_changes_base on policy_changes (id desc) where organisation_id is null;
create sequence policy_changes_id;

create function number_policy_change() returns trigger
  language plpgsql security definer
  set search_path = pg_catalog, public
as $$
begin
  -- Held until the commit: the next number is not given before this one can be read.
  perform pg_advisory_xact_lock(7303026);
  new.id := nextval('public.policy_changes_id');
  new.at := clock_timestamp();
  return new;
end
$$;
create trigger number_policy_change before insert on policy_changes for each row execute function number_policy_change();

create function record_policy_change() returns trigger
  language plpgsql security definer
  set search_path = pg_catalog, public
as $$
declare
  fact record;
  change jsonb;
begin
  if tg_op = 'DELETE' then fact := old; else fact := new; end if;
  if tg_table_name = 'alert_policies' then
    change := jsonb_build_object('kind', 'policy', 'organisationId', fact.organisation_id, 'scope', fact.scope, 'groupId', fact.group_id,
      'vehicle', fact.vehicle, 'priority', fact.priority, 'settings', case when tg_op <> 'DELETE' then fact.settings end);
  elsif tg_table_name = 'alert_mutes' then
    change := jsonb_build_object('kind', 'mute', 'id', fact.id, 'organisationId', fact.organisation_id, 'scope', fact.scope, 'groupId', fact.group_id,
      'vehicle', fact.vehicle, 'types', fact.types, 'alertOpenedAtMs', extract(epoch from fact.alert_opened_at)::float8 * 1000,
      'fromMs', extract(epoch from fact.starts_at)::float8 * 1000, 'untilMs', extract(epoch from fact.ends_at)::float8 * 1000,
      'removed', tg_op = 'DELETE');
  else
    change := jsonb_build_object('kind', 'member', 'groupId', fact.group_id, 'vehicle', fact.vehicle, 'member', tg_op <> 'DELETE');
  end if;
  insert into public.policy_changes (organisation_id, change) values (fact.organisation_id, change);
  return null;
end
$$;
create trigger record_policy_change after insert or update or delete on alert_policies for each row execute function record_policy_change();
create trigger record_policy_change after insert or update or delete on alert_mutes for each row execute function record_policy_change();
create trigger record_policy_change after insert or delete on vehicle_group_members for each row execute function record_policy_change();

insert into policy_changes (organisation_id, change)
select organisation_id, jsonb_build_object('kind', 'member', 'groupId', group_id, 'vehicle', vehicle, 'member', true) from vehicle_group_members;

-- When somebody was first told, and last.
alter table alerts add column notified_at timestamptz(3), add column last_notified_at timestamptz(3);
-- Until now somebody was told as soon as an alert opened; without this the end of those that are open would be told to nobody.
update alerts set notified_at = opened_at, last_notified_at = opened_at;

grant select, insert on policy_changes to milepost_alerts;
grant select, delete on alert_mutes to milepost_alerts;
grant select, insert, update, delete on alert_policies to milepost_api;
grant select, insert, delete on alert_mutes to milepost_api;
grant select on policy_changes to milepost_api;

alter table policy_changes enable row level security;
create policy workers on policy_changes to milepost_alerts using (true) with check (true);
create policy own_organisation on policy_changes for select to milepost_api
  using (organisation_id is null or organisation_id = (select current_organisation()));

do $$
declare
  name text;
begin
  foreach name in array array['alert_policies', 'alert_mutes'] loop
    execute format('alter table %I enable row level security', name);
    execute format('create policy workers on %I to milepost_alerts using (true) with check (true)', name);
    execute format('create policy own_organisation on %I to milepost_api using (organisation_id = (select current_organisation())) with check (organisation_id = (select current_organisation()))', name);
  end loop;
end
$$;
