-- What the policies of a vehicle are made of, in the form of policy_changes. $1 vehicle, $2 its groups. Row-level security keeps to the organisation.
-- Indexes: policy_changes_base, alert_policies_listed, alert_mutes_listed.
(select change from policy_changes where organisation_id is null order by id desc limit 1)
union all
select jsonb_build_object('kind', 'policy', 'organisationId', organisation_id, 'scope', scope, 'groupId', group_id, 'vehicle', vehicle,
         'priority', priority, 'settings', settings)
  from alert_policies
 where scope = 'organisation' or vehicle = $1 or group_id = any ($2::uuid[])
union all
select jsonb_build_object('kind', 'mute', 'id', id, 'organisationId', organisation_id, 'scope', scope, 'groupId', group_id, 'vehicle', vehicle,
         'types', types, 'alertOpenedAtMs', extract(epoch from alert_opened_at)::float8 * 1000, 'fromMs', extract(epoch from starts_at)::float8 * 1000,
         'untilMs', extract(epoch from ends_at)::float8 * 1000, 'removed', false)
  from alert_mutes
 where (scope = 'organisation' or vehicle = $1 or group_id = any ($2::uuid[]))
   and (ends_at is null or ends_at > now())
