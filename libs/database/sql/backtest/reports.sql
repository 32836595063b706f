-- The newest report of vehicles that had been received at a time, by what is stored now. $1 vehicles, $2 time (ms).
-- The ten newest by the vehicle's clock are looked at: a late upload may be older than what came before it.
-- Indexes: locations_pkey, diagnostics_pkey.
select v.vehicle, extract(epoch from greatest(l.received_at, d.received_at))::float8 * 1000 as "reportAtMs"
  from unnest($1::int[]) as v (vehicle)
  left join lateral (
    select max(n.received_at) as received_at
      from (select received_at from locations
             where vehicle = v.vehicle
               and recorded_at between to_timestamp($2::float8 / 1000) - interval '8 days' and to_timestamp($2::float8 / 1000) + interval '1 day'
               and received_at <= to_timestamp($2::float8 / 1000)
             order by recorded_at desc limit 10) n
  ) l on true
  left join lateral (
    select max(n.received_at) as received_at
      from (select received_at from diagnostics
             where vehicle = v.vehicle
               and recorded_at between to_timestamp($2::float8 / 1000) - interval '8 days' and to_timestamp($2::float8 / 1000) + interval '1 day'
               and received_at <= to_timestamp($2::float8 / 1000)
             order by recorded_at desc limit 10) n
  ) d on true
 where coalesce(l.received_at, d.received_at) is not null
