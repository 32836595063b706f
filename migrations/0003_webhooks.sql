-- Endpoints, what goes to them, and every attempt.

create table webhook_endpoints (
  id                    uuid primary key default uuidv7(),
  organisation_id       integer not null,
  url                   text not null,
  -- Empty: all types.
  event_types           text[] not null default '{}',
  description           text,
  enabled               boolean not null default true,
  -- 'whsec_' + base64; two are valid while one replaces the other.
  secret                text not null,
  previous_secret       text,
  previous_secret_until timestamptz(3),
  created_at            timestamptz(3) not null default now(),
  -- Set when it kept failing: its deliveries wait until it is enabled again, which clears these three and paused_until.
  suspended_at          timestamptz(3),
  suspended_reason      text,
  -- The first failure since its last success.
  failing_since         timestamptz(3),
  -- It asked for a pause (Retry-After): nothing goes there until then.
  paused_until          timestamptz(3),
  deleted_at            timestamptz(3)
);
create index webhook_endpoints_organisation on webhook_endpoints (organisation_id, created_at desc, id desc) where deleted_at is null;

create table webhook_deliveries (
  id               uuid primary key default uuidv7(),
  organisation_id  integer not null,
  endpoint_id      uuid not null references webhook_endpoints (id),
  event_id         uuid not null references outbox (event_id),
  event_type       text not null,
  -- Deliveries of one endpoint and subject go out in the order of `sequence` (the outbox row's id).
  subject          uuid not null,
  sequence         bigint not null,
  status           text not null default 'pending' check (status in ('pending', 'failed', 'delivered', 'dead')),
  -- A replay stands beside the original and does not wait for its turn.
  replay_of        uuid,
  attempts         integer not null default 0,
  next_attempt_at  timestamptz(3) default now(),
  claimed_by       text,
  claimed_until    timestamptz(3),
  created_at       timestamptz(3) not null default now(),
  delivered_at     timestamptz(3)
);
create unique index webhook_deliveries_once on webhook_deliveries (endpoint_id, event_id) where replay_of is null;
create index webhook_deliveries_due on webhook_deliveries (endpoint_id, next_attempt_at, sequence) where status in ('pending', 'failed');
create index webhook_deliveries_in_flight on webhook_deliveries (endpoint_id, claimed_until) where claimed_until is not null;
create index webhook_deliveries_order on webhook_deliveries (endpoint_id, subject, sequence) where status in ('pending', 'failed');
create index webhook_deliveries_endpoint on webhook_deliveries (endpoint_id, created_at desc, id desc);
-- What upkeep asks: which are old, and whether an event is still needed.
create index webhook_deliveries_age on webhook_deliveries (created_at);
create index webhook_deliveries_event on webhook_deliveries (event_id);
create index outbox_age on outbox (created_at);

create table webhook_attempts (
  delivery_id      uuid not null references webhook_deliveries (id) on delete cascade,
  number           integer not null,
  organisation_id  integer not null,
  at               timestamptz(3) not null,
  status           integer,
  error            text,
  latency_ms       double precision not null,
  -- The first KiB of the answer.
  response_body    text,
  primary key (delivery_id, number)
);

grant select, update, delete on webhook_endpoints to milepost_webhooks;
grant select, insert, update, delete on webhook_deliveries, webhook_attempts to milepost_webhooks;
-- The API makes secrets and never reads one.
grant select (id, organisation_id, url, event_types, description, enabled, created_at, suspended_at, suspended_reason, deleted_at),
      insert,
      update (enabled, suspended_at, suspended_reason, failing_since, paused_until, deleted_at)
   on webhook_endpoints to milepost_api;
grant select, insert on webhook_deliveries to milepost_api;
grant select on webhook_attempts to milepost_api;

do $$
declare
  name text;
begin
  foreach name in array array['webhook_endpoints', 'webhook_deliveries', 'webhook_attempts'] loop
    execute format('alter table %I enable row level security', name);
    execute format('create policy workers on %I to milepost_webhooks using (true) with check (true)', name);
    execute format('create policy own_organisation on %I to milepost_api using (organisation_id = (select current_organisation())) with check (organisation_id = (select current_organisation()))', name);
  end loop;
end
$$;
