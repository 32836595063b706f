-- What ingest has stored of vehicles: their newest message. $1 vehicles.
-- Index: latest_positions_pkey.
select vehicle, extract(epoch from last_contact_at)::float8 * 1000 as "reportAtMs"
  from latest_positions
 where vehicle = any ($1::int[])
