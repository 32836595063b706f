-- How many are connected to a node ($1, else null) or in an organisation ($2, else null) that did not lose contact from $3 to $4 (ms).
-- Indexes: vehicle_presence_online_node, vehicle_presence_online_organisation.
select count(*)::int as steady
  from vehicle_presence
 where state = 'online'
   and ($1::text is null or node = $1)
   and ($2::int is null or organisation_id = $2)
   and (lost_at is null or lost_at not between to_timestamp($3::float8 / 1000) and to_timestamp($4::float8 / 1000))
