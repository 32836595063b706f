-- Notes that alerts are told: those that nobody looks after, and that no open incident speaks for. Vehicles, types and times in ms and keys parallel, a vehicle, type and key once.
-- Indexes: alerts_one_open, incidents_pkey.
update alerts a
   set notified_at      = coalesce(a.notified_at, to_timestamp(t.at / 1000)),
       last_notified_at = to_timestamp(t.at / 1000)
  from unnest($1::int[], $2::text[], $3::float8[], $4::text[]) as t (vehicle, type, at, key)
 where a.vehicle = t.vehicle
   and a.type = t.type
   and a.key = t.key
   and a.status = 'open'
   and not exists (select from incidents i where i.id = a.incident_id and i.closed_at is null)
returning a.*
