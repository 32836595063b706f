-- What refers to a group: its policy, mutes that are not over, geofences for its vehicles, webhooks that want its events (one that is deleted
-- is kept for a while and wants none). $1 group. Each table holds hundreds of rows for an organisation at most.
select exists (select from alert_policies where group_id = $1) as policy,
       array(select id::text from alert_mutes where group_id = $1 and (ends_at is null or ends_at > now()) order by id) as mutes,
       array(select name from geofences where group_id = $1 order by name) as geofences,
       array(select id::text from webhook_endpoints where $1 = any (group_ids) and deleted_at is null order by id) as webhooks
