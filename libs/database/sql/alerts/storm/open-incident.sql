-- Opens an incident, unless another process has opened the same one. $1 organisation, $2 scope, $3 node or null, $4 partition, $5 log time, $6 clock (ms).
-- Index: incidents_one_open.
insert into incidents (organisation_id, scope, node, presence_partition, opened_at, opened_clock_at)
values ($1, $2, $3, $4, to_timestamp($5::float8 / 1000), to_timestamp($6::float8 / 1000))
on conflict do nothing
returning id
