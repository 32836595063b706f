-- Changes of policies up to a time that concern a vehicle, in their order. $1 vehicle, $2 time or null for now. Row-level security keeps to the organisation.
-- Index: policy_changes_organisation.
select id::float8 as id, change
  from policy_changes
 where ($2::timestamptz is null or at <= $2::timestamptz)
   and (change ->> 'vehicle' is null or (change ->> 'vehicle')::int = $1)
 order by policy_changes.id
