-- How often others lost contact lately near where each of these vehicles was seen last. $1 vehicles, $2 log time in ms.
-- Indexes: latest_positions_pkey, contact_losses_place.
select p.vehicle, n.losses
  from latest_positions p
 cross join lateral losses_near(p.organisation_id, p.vehicle, p.latitude, p.longitude, to_timestamp($2::float8 / 1000)) n
 where p.vehicle = any ($1::int[])
   and p.latitude is not null
