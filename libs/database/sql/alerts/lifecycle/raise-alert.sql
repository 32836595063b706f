-- An open alert became worse: whoever looked after it, it is open again. $1 vehicle, $2 type, $3 key, $4 severity, $5 details.
-- Index: alerts_one_open.
update alerts
   set severity        = $4,
       status          = 'open',
       acknowledged_at = null,
       acknowledged_by = null,
       note            = null,
       details         = details || $5::jsonb
 where vehicle = $1
   and type = $2
   and key = $3
   and status <> 'resolved'
returning *
