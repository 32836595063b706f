-- What vehicles said: histories in daily partitions, and the newest of each thing.
-- Organisation ids and vehicle ids are not foreign keys here: the registry is append-only, and the check would cost a look-up a row.

create table locations (
  vehicle           integer not null,
  organisation_id   integer not null,
  recorded_at       timestamptz(3) not null,
  -- First 8 bytes of SHA-256 over the item's RFC 8785 form: tells a repeat from another item of the same moment.
  identity          bigint not null,
  received_at       timestamptz(3) not null,
  latitude          double precision,
  longitude         double precision,
  fix_valid         boolean not null,
  clock_suspect     boolean not null default false,
  ignition          boolean,
  satellites        integer,
  sequence          bigint,
  altitude_m        double precision,
  speed_kph         double precision,
  heading_deg       double precision,
  accuracy_m        double precision,
  hdop              double precision,
  odometer_km       double precision,
  fuel_level_pct    double precision,
  driver_id         text,
  events            jsonb,
  attributes        jsonb,
  source_partition  integer not null,
  source_offset     bigint not null,
  feed_epoch        smallint not null,
  commit_xid        xid8 not null default pg_current_xact_id(),
  id                bigint generated always as identity (cache 1000),
  primary key (vehicle, recorded_at, identity)
) partition by range (recorded_at);
create index locations_source on locations using brin (source_partition, source_offset);

create table diagnostics (
  vehicle           integer not null,
  organisation_id   integer not null,
  recorded_at       timestamptz(3) not null,
  identity          bigint not null,
  received_at       timestamptz(3) not null,
  clock_suspect     boolean not null default false,
  sequence          bigint,
  signals           jsonb not null default '{}',
  dtcs              jsonb not null default '[]',
  odometer_km       double precision,
  engine_hours      double precision,
  attributes        jsonb,
  source_partition  integer not null,
  source_offset     bigint not null,
  feed_epoch        smallint not null,
  commit_xid        xid8 not null default pg_current_xact_id(),
  id                bigint generated always as identity (cache 1000),
  primary key (vehicle, recorded_at, identity)
) partition by range (recorded_at);
create index diagnostics_source on diagnostics using brin (source_partition, source_offset);

-- History of the status topic. Its key is the source offset; received_at is the record's timestamp and so never changes for an offset.
create table status_reports (
  vehicle           integer not null,
  organisation_id   integer not null,
  received_at       timestamptz(3) not null,
  status            text not null check (status in ('online', 'offline')),
  reason            text,
  attributes        jsonb,
  source_partition  integer not null,
  source_offset     bigint not null,
  feed_epoch        smallint not null,
  commit_xid        xid8 not null default pg_current_xact_id(),
  id                bigint generated always as identity (cache 100),
  primary key (received_at, source_partition, source_offset)
) partition by range (received_at);
create index status_reports_vehicle on status_reports (vehicle, received_at, source_offset);

-- One row a vehicle: its newest valid fix, its last status, and when it was last heard. A late fix never moves the position back.
create table latest_positions (
  vehicle            integer primary key,
  organisation_id    integer not null,
  -- Receive time of the newest message of any kind, and recordedAt − receivedAt of it.
  last_contact_at    timestamptz(3) not null,
  clock_offset_ms    bigint,
  -- Receive time of the newest location or diagnostics message: silence is judged by it.
  last_report_at     timestamptz(3),
  recorded_at        timestamptz(3),
  identity           bigint,
  received_at        timestamptz(3),
  latitude           double precision,
  longitude          double precision,
  ignition           boolean,
  satellites         integer,
  sequence           bigint,
  altitude_m         double precision,
  speed_kph          double precision,
  heading_deg        double precision,
  accuracy_m         double precision,
  hdop               double precision,
  odometer_km        double precision,
  fuel_level_pct     double precision,
  driver_id          text,
  events             jsonb,
  attributes         jsonb,
  status             text,
  status_reason      text,
  status_received_at timestamptz(3),
  status_partition   integer,
  status_offset      bigint
) with (fillfactor = 70);
create index latest_positions_organisation on latest_positions (organisation_id, vehicle);

-- Derived in recordedAt order, so that a late report corrects the history and not the present.
create table latest_signals (
  vehicle          integer not null,
  organisation_id  integer not null,
  name             text not null,
  value            jsonb not null,
  recorded_at      timestamptz(3) not null,
  -- Of the report it came from: decides between two of the same moment.
  identity         bigint not null,
  primary key (vehicle, name)
) with (fillfactor = 80);

create table dtc_states (
  vehicle          integer not null,
  organisation_id  integer not null,
  -- 'P0420', or 'spn/fmi' of J1939.
  dtc              text not null,
  code             text,
  spn              integer,
  fmi              integer,
  oc               integer,
  status           text not null check (status in ('active', 'pending', 'cleared', 'permanent')),
  first_seen_at    timestamptz(3) not null,
  last_seen_at     timestamptz(3) not null,
  -- Of the report that last_seen_at and status came from.
  identity         bigint not null,
  primary key (vehicle, dtc)
) with (fillfactor = 80);

-- A record of which at least one item could not be stored. The row is written in the batch's transaction; relayed to Kafka afterwards.
-- `headers` are the record's: text, or {"base64": …} where the bytes are no text that Postgres can hold.
create table dead_letters (
  topic             text not null,
  partition         integer not null,
  "offset"          bigint not null,
  at                timestamptz(3) not null default now(),
  organisation_id   integer not null,
  vehicle_id        text,
  record_timestamp  timestamptz(3) not null,
  record_key        text,
  headers           jsonb not null default '{}',
  payload           bytea not null,
  errors            jsonb not null,
  error_count       integer not null,
  relayed_at        timestamptz(3),
  -- A replay of it was stored as a whole.
  resolved_at       timestamptz(3),
  primary key (topic, partition, "offset")
);
create index dead_letters_unrelayed on dead_letters (at) where relayed_at is null;
create index dead_letters_organisation on dead_letters (organisation_id, at desc, topic, partition, "offset");

-- Makes the partition of one UTC day. CREATE, CHECK, ATTACH: PARTITION OF would lock the parent more strongly.
create function ensure_partition(parent text, day date) returns boolean
  language plpgsql volatile security definer
  set search_path = pg_catalog, public
as $$
declare
  child text := parent || '_p' || to_char(day, 'YYYYMMDD');
  key   text := case parent when 'locations' then 'recorded_at' when 'diagnostics' then 'recorded_at' when 'status_reports' then 'received_at' end;
  lower text := to_char(day, 'YYYY-MM-DD') || ' 00:00:00+00';
  upper text := to_char(day + 1, 'YYYY-MM-DD') || ' 00:00:00+00';
begin
  if key is null then
    raise exception 'no partitions are made for table %', parent using errcode = '42501';
  end if;
  if day < current_date - 4000 or day > current_date + 30 then
    raise exception 'day % is out of range for a partition of %', day, parent using errcode = '22008';
  end if;
  perform pg_advisory_xact_lock(hashtext('milepost.partition.' || parent));
  if to_regclass(format('public.%I', child)) is not null then
    return false;
  end if;
  execute format('create table public.%I (like public.%I including all excluding identity)', child, parent);
  execute format('alter table public.%I add constraint %I check (%I >= %L and %I < %L)', child, child || '_day', key, lower, key, upper);
  execute format('alter table public.%I attach partition public.%I for values from (%L) to (%L)', parent, child, lower, upper);
  execute format('alter table public.%I drop constraint %I', child, child || '_day');
  return true;
end
$$;
revoke execute on function ensure_partition(text, date) from public;
grant execute on function ensure_partition(text, date) to milepost_ingest;

grant select, insert on locations, diagnostics, status_reports to milepost_ingest;
grant select, insert, update on latest_positions, latest_signals, dtc_states, dead_letters to milepost_ingest;
grant select on latest_positions to milepost_alerts;
grant select on locations, diagnostics, status_reports, latest_positions, latest_signals, dtc_states, dead_letters to milepost_api;

do $$
declare
  name text;
begin
  foreach name in array array['locations', 'diagnostics', 'status_reports', 'latest_positions', 'latest_signals', 'dtc_states', 'dead_letters'] loop
    execute format('alter table %I enable row level security', name);
    execute format('create policy workers on %I to milepost_ingest, milepost_alerts, milepost_webhooks using (true) with check (true)', name);
    execute format('create policy own_organisation on %I to milepost_api using (organisation_id = (select current_organisation()))', name);
  end loop;
end
$$;
