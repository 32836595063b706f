-- Adds to an open alert what became known later. $1 vehicle, $2 type, $3 will or null, $4 details or null, $5 key.
-- Index: alerts_one_open.
update alerts
   set will    = coalesce($3::jsonb, will),
       details = details || coalesce($4::jsonb, '{}')
 where vehicle = $1
   and type = $2
   and key = $5
   and status <> 'resolved'
