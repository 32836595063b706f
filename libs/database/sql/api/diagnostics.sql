-- A vehicle's diagnostics reports in the order of their time.
-- $1 vehicle, $2 and $3 the position after which to begin (recorded_at, identity), $4 recorded before, $5 rows at most.
-- The first comparison alone prunes partitions; the second finds the place in the index.
-- Index: the primary key (vehicle, recorded_at, identity) of each partition.
select recorded_at as "recordedAt",
       identity::text as identity,
       received_at as "receivedAt",
       clock_suspect as "clockSuspect",
       sequence::float8 as sequence,
       signals,
       dtcs,
       odometer_km as "odometerKm",
       engine_hours as "engineHours",
       attributes
  from diagnostics
 where vehicle = $1
   and recorded_at >= $2::timestamptz
   and (recorded_at, identity) > ($2::timestamptz, $3::bigint)
   and recorded_at < $4::timestamptz
 order by recorded_at, diagnostics.identity
 limit $5
