-- Vehicles under a name of the organisation's own: what policies and webhook filters can mean together.

create table vehicle_groups (
  id               uuid primary key default uuidv7(),
  organisation_id  integer not null references organisations (id),
  name             text not null check (char_length(name) between 1 and 128),
  description      text,
  created_at       timestamptz(3) not null default now(),
  unique (organisation_id, name),
  -- Lets a member's row prove that it is of the same organisation.
  unique (id, organisation_id)
);

create table vehicle_group_members (
  group_id         uuid not null,
  vehicle          integer not null references vehicles (id),
  organisation_id  integer not null,
  added_at         timestamptz(3) not null default now(),
  primary key (group_id, vehicle),
  foreign key (group_id, organisation_id) references vehicle_groups (id, organisation_id) on delete cascade
);
create index vehicle_group_members_vehicle on vehicle_group_members (vehicle);

grant select on vehicle_groups, vehicle_group_members to milepost_alerts, milepost_webhooks;
grant select, insert, delete on vehicle_groups, vehicle_group_members to milepost_api;

do $$
declare
  name text;
begin
  foreach name in array array['vehicle_groups', 'vehicle_group_members'] loop
    execute format('alter table %I enable row level security', name);
    execute format('create policy workers on %I to milepost_alerts, milepost_webhooks using (true) with check (true)', name);
    execute format('create policy own_organisation on %I to milepost_api using (organisation_id = (select current_organisation())) with check (organisation_id = (select current_organisation()))', name);
  end loop;
end
$$;
