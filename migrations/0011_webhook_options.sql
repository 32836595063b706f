-- What an endpoint can be told beside its URL, a circuit breaker for each, events that are skipped, and the feed of events.

alter table webhook_endpoints
  add column format text not null default 'native' check (format in ('native', 'alertmanager')),
  -- Vehicles, and groups of them, whose events it wants. Both null: of all.
  add column vehicle_ids text[],
  add column group_ids uuid[],
  -- Sent with each delivery. Values may be secrets: nobody but who sends reads them.
  add column headers jsonb not null default '{}',
  add column header_names text[] not null default '{}',
  -- Failures of the endpoint itself since its last answer, and since when there are too many: then one delivery at a time is tried, after each pause.
  add column consecutive_failures integer not null default 0,
  add column breaker_opened_at timestamptz(3);

-- Who decided that it is not to be sent any more, and when: it is dead then.
alter table webhook_deliveries
  add column skipped_at timestamptz(3),
  add column skipped_by text;

-- Numbers the batches of the dispatch, which are made one after another: (dispatch_batch, id) is the order of the feed, in which nothing appears late.
create sequence outbox_dispatch_batch;
alter table outbox add column dispatch_batch bigint;
create index outbox_dispatched on outbox (organisation_id, dispatch_batch, id) where dispatch_batch is not null;

-- The API makes secrets and reads none, not even to keep the one before: this does it.
-- Answers with the time until which the one before is valid too; with no row when there is no such endpoint in this organisation.
create function rotate_webhook_secret(endpoint uuid, new_secret text, overlap_seconds integer) returns table (previous_secret_until timestamptz)
  language sql volatile security definer
  set search_path = pg_catalog, public
  as $$
    update public.webhook_endpoints e
       set previous_secret = e.secret,
           previous_secret_until = now() + overlap_seconds * interval '1 second',
           secret = new_secret
     where e.id = endpoint
       and e.organisation_id = public.current_organisation()
       and e.deleted_at is null
       and overlap_seconds between 0 and 604800
    returning e.previous_secret_until
  $$;
revoke all on function rotate_webhook_secret(uuid, text, integer) from public;
grant execute on function rotate_webhook_secret(uuid, text, integer) to milepost_api;

grant select (format, vehicle_ids, group_ids, header_names, previous_secret_until, failing_since, paused_until, consecutive_failures, breaker_opened_at),
      update (url, event_types, description, format, vehicle_ids, group_ids, headers, header_names, consecutive_failures, breaker_opened_at)
   on webhook_endpoints to milepost_api;
grant update (status, next_attempt_at, skipped_at, skipped_by) on webhook_deliveries to milepost_api;
grant update (dispatch_batch) on outbox to milepost_webhooks;
grant usage on sequence outbox_dispatch_batch to milepost_webhooks;
grant select on vehicles, incident_members to milepost_webhooks;
