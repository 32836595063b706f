-- Who lost contact from $3 to $4 (ms) by one of the causes $5 and is still away, by second: on the node $1, and in the organisation $2.
-- While a vehicle is away, `cause` is that of its last loss.
-- Indexes: vehicle_presence_away_node, vehicle_presence_away_organisation.
select 'node' as scope,
       floor(extract(epoch from lost_at))::float8 * 1000 as "atMs",
       count(*)::int as away
  from vehicle_presence
 where state <> 'online'
   and state in ('suspect', 'offline')
   and lost_node = $1
   and lost_at between to_timestamp($3::float8 / 1000) and to_timestamp($4::float8 / 1000)
   and cause = any ($5::text[])
 group by 2
 union all
select 'organisation',
       floor(extract(epoch from lost_at))::float8 * 1000,
       count(*)::int
  from vehicle_presence
 where state <> 'online'
   and state in ('suspect', 'offline')
   and organisation_id = $2
   and lost_at between to_timestamp($3::float8 / 1000) and to_timestamp($4::float8 / 1000)
   and cause = any ($5::text[])
 group by 2
