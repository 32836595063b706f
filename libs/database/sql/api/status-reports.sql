-- A vehicle's status messages in the order in which they were received. All of a vehicle come from one partition: the offset decides between two of a millisecond.
-- $1 vehicle, $2 and $3 the position after which to begin (received_at, source_offset), $4 received before, $5 rows at most.
-- The first comparison alone prunes partitions; the second finds the place in the index.
-- Index: status_reports_vehicle of each partition.
select received_at as "receivedAt",
       source_offset::text as "sourceOffset",
       status,
       reason
  from status_reports
 where vehicle = $1
   and received_at >= $2::timestamptz
   and (received_at, source_offset) > ($2::timestamptz, $3::bigint)
   and received_at < $4::timestamptz
 order by received_at, source_offset
 limit $5
