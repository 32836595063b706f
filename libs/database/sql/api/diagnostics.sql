-- A vehicle's diagnostics reports in the order of their time.
-- $1 vehicle, $2 and $3 the position after which to begin (recorded_at, identity), $4 recorded before, $5 rows at most.
-- $6 bytes at most: a row behind so many does not fit, and its values of any size are left out. The first always fits.
-- The first comparison alone prunes partitions; the second finds the place in the index.
-- Index: the primary key (vehicle, recorded_at, identity) of each partition.
select recorded_at as "recordedAt",
       identity::text as identity,
       received_at as "receivedAt",
       clock_suspect as "clockSuspect",
       sequence::float8 as sequence,
       case when fits then signals end as signals,
       case when fits then dtcs end as dtcs,
       odometer_km as "odometerKm",
       engine_hours as "engineHours",
       case when fits then attributes end as attributes,
       fits
  from (
    select *,
           sum(bytes_at_most(signals) + bytes_at_most(dtcs) + bytes_at_most(attributes)) over up_to_here <= $6::float8
             or row_number() over up_to_here = 1 as fits
      from diagnostics
     where vehicle = $1
       and recorded_at >= $2::timestamptz
       and (recorded_at, identity) > ($2::timestamptz, $3::bigint)
       and recorded_at < $4::timestamptz
    window up_to_here as (order by recorded_at, identity rows unbounded preceding)
     order by recorded_at, diagnostics.identity
     limit $5
  ) as page
 order by recorded_at, page.identity
