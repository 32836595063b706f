-- What waits to be judged, and what is known of vehicles, has an end.

-- Ingest forgets facts that no alerts process has judged for days: it writes them, whether one runs or not.
grant delete on condition_facts to milepost_ingest;
-- To lock rows; nothing is changed.
grant update (created_at) on condition_facts to milepost_ingest;
-- When something was last judged of the vehicle. No index: each judgement changes it.
alter table vehicle_conditions add column judged_at timestamptz(3) not null default now();
