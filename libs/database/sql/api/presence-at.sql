-- How a vehicle was at a time, as alerts stored it: now ($2 null), or after its last change before, with the clock that its partition had by then. $1 vehicle, $2 time or null.
-- Indexes: vehicle_presence_pkey, presence_history_pkey, presence_batches_pkey.
select p.machine, p.presence_partition as partition, c.log_time_ms as "logTimeMs", c.clock_ms as "clockMs"
  from vehicle_presence p
  left join lateral presence_clock(p.presence_partition) c on true
 where p.vehicle = $1 and $2::timestamptz is null
union all
select h.machine, h.presence_partition, greatest(h.log_time_ms, c.log_time_ms), greatest(h.clock_ms, c.clock_ms)
  from (
    select machine, presence_partition, log_time_ms, clock_ms
      from presence_history
     where vehicle = $1 and at <= $2::timestamptz
     order by at desc, id desc
     limit 1
  ) h
  left join lateral presence_clock_at(h.presence_partition, $2::timestamptz) c on true
