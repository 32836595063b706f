-- Resolves open and acknowledged alerts. Vehicles, types, times in ms and outages in seconds and keys parallel, a vehicle, type and key once.
-- is_heard_of: somebody was told of it, or it was acknowledged, which others were told; also where it became worse since and is open again.
-- Indexes: alerts_one_open, alert_history_alert.
update alerts a
   set status         = 'resolved',
       resolved_at    = greatest(to_timestamp(r.at / 1000), a.opened_at),
       outage_seconds = r.outage
  from unnest($1::int[], $2::text[], $3::float8[], $4::float8[], $5::text[]) as r (vehicle, type, at, outage, key)
 where a.vehicle = r.vehicle
   and a.type = r.type
   and a.key = r.key
   and a.status <> 'resolved'
returning a.*,
          a.notified_at is not null
            or a.acknowledged_at is not null
            or exists (select from alert_history h where h.alert_id = a.id and h.status = 'acknowledged') as is_heard_of
