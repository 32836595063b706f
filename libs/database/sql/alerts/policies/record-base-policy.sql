-- Records what the alerts processes are configured with, unless the last that was recorded says the same. $1 settings.
-- Index: policy_changes_base.
insert into policy_changes (change)
select jsonb_build_object('kind', 'base', 'settings', $1::jsonb)
 where $1::jsonb is distinct from (select change -> 'settings' from policy_changes where organisation_id is null order by id desc limit 1)
