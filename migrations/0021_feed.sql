-- How far each organisation's feed has been forgotten: a cursor before this place would skip events without a word.
create table forgotten_events (
  organisation_id  integer primary key,
  dispatch_batch   bigint not null,
  id               bigint not null
);
grant select, insert, update on forgotten_events to milepost_webhooks;
grant select on forgotten_events to milepost_api;
alter table forgotten_events enable row level security;
create policy workers on forgotten_events to milepost_webhooks using (true) with check (true);
create policy own_organisation on forgotten_events to milepost_api using (organisation_id = (select current_organisation()));

-- Where the events since a time begin, without a look at all that were before.
create index outbox_since on outbox (organisation_id, created_at) where dispatch_batch is not null;
