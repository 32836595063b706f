-- Incidents that vehicles have joined since they were opened: an endpoint that names such a vehicle has not heard of them. The dispatch takes them away.
create table incident_joins (
  id               bigint generated always as identity primary key,
  incident_id      uuid not null,
  organisation_id  integer not null
);
grant insert on incident_joins to milepost_alerts;
grant select, update, delete on incident_joins to milepost_webhooks;
alter table incident_joins enable row level security;
create policy workers on incident_joins to milepost_alerts, milepost_webhooks using (true) with check (true);

create index outbox_incidents on outbox (subject) where type like 'incident.%';
