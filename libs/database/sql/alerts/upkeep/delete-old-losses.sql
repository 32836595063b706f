-- Forgets losses of contact older than $1 days. $2 rows at most.
-- Index: contact_losses_lost_at.
delete from contact_losses
 where (vehicle, lost_at) in (select vehicle, lost_at from contact_losses where lost_at < now() - $1::int * interval '1 day' order by lost_at limit $2)
