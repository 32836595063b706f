-- Who lost contact from $3 to $4 (ms) by one of the causes $5 and is still away, by second: on the node $1, and in the organisation $2. One look at each vehicle for both.
-- While a vehicle is away, `cause` is that of its last loss.
-- Indexes: vehicle_presence_away_node, vehicle_presence_away_organisation.
select floor(date_part('epoch', lost_at)) * 1000 as "atMs",
       (count(*) filter (where lost_node = $1))::int as node,
       (count(*) filter (where organisation_id = $2))::int as organisation
  from vehicle_presence
 where state <> 'online'
   and state in ('suspect', 'offline')
   and (lost_node = $1 or organisation_id = $2)
   and lost_at between to_timestamp($3::float8 / 1000) and to_timestamp($4::float8 / 1000)
   and cause = any ($5::text[])
 group by 1
