-- Remembers ended connections. $1 partition; ids, vehicles and times in ms parallel.
insert into closed_connections (connection_id, presence_partition, vehicle, closed_at)
select c.id, $1, c.vehicle, to_timestamp(c.at / 1000)
  from unnest($2::text[], $3::int[], $4::float8[]) as c (id, vehicle, at)
on conflict (connection_id) do nothing
