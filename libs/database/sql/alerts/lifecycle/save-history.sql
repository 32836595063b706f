-- Records steps of alerts made by the system itself. Alert ids, organisations, times and steps parallel.
insert into alert_history (alert_id, organisation_id, at, status, actor)
select h.*, 'milepost'
  from unnest($1::uuid[], $2::int[], $3::timestamptz[], $4::text[]) as h
