-- Forgets mutes that ended more than $1 days ago. $2 rows at most.
-- Index: alert_mutes_ended.
delete from alert_mutes
 where id in (select id from alert_mutes where ends_at < now() - $1::int * interval '1 day' order by ends_at limit $2)
