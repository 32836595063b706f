-- What ingest has stored of vehicles: their newest location or diagnostics message. $1 vehicles.
-- Index: latest_positions_pkey.
select vehicle, extract(epoch from last_report_at)::float8 * 1000 as "reportAtMs"
  from latest_positions
 where vehicle = any ($1::int[])
   and last_report_at is not null
