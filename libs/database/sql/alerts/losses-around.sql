-- Who lost contact when, by second: on a node ($1, else null) or in an organisation ($2, else null), from $3 to $4 (ms). `away`: who still is, by one of the causes $5.
-- While a vehicle is away, `cause` is that of its last loss.
-- Indexes: vehicle_presence_lost_node, vehicle_presence_lost_organisation.
select floor(extract(epoch from lost_at))::float8 * 1000 as "atMs",
       count(*)::int as lost,
       (count(*) filter (where state in ('suspect', 'offline') and cause = any ($5::text[])))::int as away
  from vehicle_presence
 where ($1::text is null or lost_node = $1)
   and ($2::int is null or organisation_id = $2)
   and lost_at between to_timestamp($3::float8 / 1000) and to_timestamp($4::float8 / 1000)
 group by 1
 order by 1
