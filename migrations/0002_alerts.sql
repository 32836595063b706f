-- Presence as alerts sees it, alerts with their history, incidents, refused connection attempts, and the outbox of events.

-- One row a vehicle. `machine` is the state of the pure machine; the columns beside it are what queries need.
-- Its deadlines stand in the same row. Only the process to which the presence partition is assigned judges them, in its fenced transaction.
create table vehicle_presence (
  vehicle             integer primary key,
  organisation_id     integer not null,
  presence_partition  integer not null,
  state               text not null check (state in ('online', 'suspect', 'offline', 'parked', 'unknown')),
  since               timestamptz(3) not null,
  cause               text,
  connections         integer not null default 0,
  last_contact_at     timestamptz(3),
  -- The node that holds its newest connection.
  node                text,
  -- When contact was last lost (log time) and on which node; kept after the return. The storm guard counts by these.
  lost_at             timestamptz(3),
  lost_node           text,
  -- The earliest of its deadlines, in time of the partition's clock.
  due_at              timestamptz(3),
  machine             jsonb not null
) with (fillfactor = 70);
create index vehicle_presence_partition on vehicle_presence (presence_partition);
create index vehicle_presence_lost_node on vehicle_presence (lost_node, lost_at);
create index vehicle_presence_lost_organisation on vehicle_presence (organisation_id, lost_at);
create index vehicle_presence_online_node on vehicle_presence (node) where state = 'online';
create index vehicle_presence_online_organisation on vehicle_presence (organisation_id) where state = 'online';

-- An id once closed never opens again; remembered for 24 h.
create table closed_connections (
  connection_id       text primary key,
  presence_partition  integer not null,
  vehicle             integer not null,
  closed_at           timestamptz(3) not null
);
create index closed_connections_partition on closed_connections (presence_partition, closed_at);

-- Many vehicles of a node or an organisation lost at once: one notice instead of many. Tended by the process to which its partition is assigned.
create table incidents (
  id                   uuid primary key default uuidv7(),
  organisation_id      integer not null,
  scope                text not null check (scope in ('node', 'organisation')),
  node                 text,
  presence_partition   integer not null,
  opened_at            timestamptz(3) not null,
  closed_at            timestamptz(3),
  -- In time of the partition's clock: when it opened, and when 90 % of its members had returned.
  opened_clock_at      timestamptz(3) not null,
  mostly_back_clock_at timestamptz(3),
  vehicles             integer not null default 0,
  returned             integer not null default 0
);
create unique index incidents_one_open on incidents (organisation_id, scope, coalesce(node, '')) where closed_at is null;
create index incidents_tended on incidents (presence_partition) where closed_at is null;

create table incident_members (
  incident_id      uuid not null references incidents (id) on delete cascade,
  vehicle          integer not null,
  organisation_id  integer not null,
  joined_at        timestamptz(3) not null,
  returned_at      timestamptz(3),
  primary key (incident_id, vehicle)
);
create index incident_members_away on incident_members (incident_id, vehicle) where returned_at is null;

create table alerts (
  id                uuid primary key default uuidv7(),
  organisation_id   integer not null,
  vehicle           integer,
  type              text not null,
  status            text not null check (status in ('open', 'acknowledged', 'resolved')),
  severity          text not null check (severity in ('info', 'warning', 'critical')),
  cause             text,
  incident_id       uuid references incidents (id),
  opened_at         timestamptz(3) not null,
  acknowledged_at   timestamptz(3),
  acknowledged_by   text,
  note              text,
  resolved_at       timestamptz(3),
  outage_seconds    double precision,
  last_position     jsonb,
  last_contact_at   timestamptz(3),
  will              jsonb,
  details           jsonb not null default '{}'
);
create unique index alerts_one_open on alerts (vehicle, type) where status <> 'resolved';
create index alerts_organisation on alerts (organisation_id, opened_at desc, id desc);
create index alerts_vehicle on alerts (vehicle, opened_at desc);

-- Every transition, with who and why.
create table alert_history (
  id               bigint generated always as identity primary key,
  alert_id         uuid not null references alerts (id) on delete cascade,
  organisation_id  integer not null,
  at               timestamptz(3) not null,
  status           text not null,
  actor            text not null,
  note             text
);
create index alert_history_alert on alert_history (alert_id, id);

-- Events to be told to others, written in the transaction of the transition. `subject` is what keeps its order: the alert or the incident.
create table outbox (
  event_id         uuid primary key default uuidv7(),
  id               bigint generated always as identity,
  organisation_id  integer not null,
  type             text not null,
  subject          uuid not null,
  record_key       text not null,
  -- The event's body as it is sent, byte for byte the same in every attempt.
  body             text not null,
  created_at       timestamptz(3) not null default now(),
  dispatched_at    timestamptz(3),
  relayed_at       timestamptz(3),
  feed_epoch       smallint not null default current_feed_epoch(),
  commit_xid       xid8 not null default pg_current_xact_id()
);
create index outbox_undispatched on outbox (id) where dispatched_at is null;
create index outbox_unrelayed on outbox (id) where relayed_at is null;
create index outbox_feed on outbox (feed_epoch, commit_xid, id);

-- Refused connections, 30 days. The key is the writer's counter, which tells a repeated copy of a record; an offset may come again where Kafka was replaced.
create table connection_attempts (
  source_partition  integer not null,
  source_offset     bigint not null,
  organisation_id   integer not null,
  at                timestamptz(3) not null,
  address           text not null,
  common_name       text,
  organisation      text,
  issuer            text,
  serial            text,
  not_after         timestamptz(3),
  reason            text not null,
  remedy            text not null,
  count             integer not null default 1,
  node              text not null,
  epoch             bigint not null,
  counter           bigint not null,
  primary key (node, epoch, counter)
);
create index connection_attempts_organisation on connection_attempts (organisation_id, at desc, source_partition, source_offset);
create index connection_attempts_at on connection_attempts (at);

grant select, insert, update, delete on vehicle_presence, closed_connections, incidents, incident_members, connection_attempts to milepost_alerts;
grant select, insert, update on alerts to milepost_alerts;
grant select, insert on alert_history to milepost_alerts, milepost_api;
grant select, insert on outbox to milepost_alerts, milepost_webhooks, milepost_api;
grant update (dispatched_at, relayed_at), delete on outbox to milepost_webhooks;
grant select on vehicle_presence, incidents, incident_members, connection_attempts to milepost_api;
grant select, update (status, acknowledged_at, acknowledged_by, note) on alerts to milepost_api;

do $$
declare
  name text;
begin
  foreach name in array array['vehicle_presence', 'incidents', 'incident_members', 'alerts', 'alert_history', 'outbox', 'connection_attempts'] loop
    execute format('alter table %I enable row level security', name);
    execute format('create policy workers on %I to milepost_ingest, milepost_alerts, milepost_webhooks using (true) with check (true)', name);
    execute format('create policy own_organisation on %I to milepost_api using (organisation_id = (select current_organisation())) with check (organisation_id = (select current_organisation()))', name);
  end loop;
end
$$;
