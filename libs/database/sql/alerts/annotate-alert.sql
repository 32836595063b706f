-- Adds to an open alert what became known later. $1 vehicle, $2 type, $3 will or null, $4 details or null.
-- Index: alerts_one_open.
update alerts
   set will    = coalesce($3::jsonb, will),
       details = details || coalesce($4::jsonb, '{}')
 where vehicle = $1
   and type = $2
   and status <> 'resolved'
