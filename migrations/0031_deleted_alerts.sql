-- Who deletes old alerts (docs/alerts.md) was refused for those with a snooze that lasts longer than they did.
alter table alert_mutes
  drop constraint alert_mutes_alert_id_fkey,
  add constraint alert_mutes_alert_id_fkey foreign key (alert_id) references alerts (id) on delete cascade;
create index alert_mutes_alert on alert_mutes (alert_id) where alert_id is not null;
