-- Incidents are listed by the API, and nobody is told of one while all its members are muted.
alter table incidents add column notified_at timestamptz(3);
-- Until now everybody was told as soon as one opened.
update incidents set notified_at = opened_at;
create index incidents_listed on incidents (organisation_id, opened_at desc, id desc);
