-- How many were connected to the node $1, and in the organisation $2, before the time from $3 to $4 (ms): who is online and lost no contact in it, and who lost it there.
-- Of those who are online only the ones that lost contact elsewhere than where they are now must be looked at: to all others the counts say the same before and after.
-- Indexes: connected_vehicles_pkey, connected_vehicles_organisation, vehicle_presence_away_node, vehicle_presence_away_organisation, vehicle_presence_moved.
select (select coalesce(sum(vehicles), 0) from connected_vehicles where node = $1)::int
       + (select count(*)
            from vehicle_presence
           where state <> 'online'
             and lost_node = $1
             and lost_at between to_timestamp($3::float8 / 1000) and to_timestamp($4::float8 / 1000))::int
       + (select count(*) filter (where lost_node = $1) - count(*) filter (where node = $1)
            from vehicle_presence
           where state = 'online'
             and node <> lost_node
             and lost_at between to_timestamp($3::float8 / 1000) and to_timestamp($4::float8 / 1000))::int as node,
       (select coalesce(sum(vehicles), 0) from connected_vehicles where organisation_id = $2)::int
       + (select count(*)
            from vehicle_presence
           where state <> 'online'
             and organisation_id = $2
             and lost_at between to_timestamp($3::float8 / 1000) and to_timestamp($4::float8 / 1000))::int as organisation
