-- The storm guard asks how many are away and how many were connected, for each deadline that falls due. It reads those who are away, or moved; how many are connected is kept.

-- As the process of a partition has them in memory, written with its vehicles.
create table connected_vehicles (
  node                text not null,
  organisation_id     integer not null,
  presence_partition  integer not null,
  vehicles            integer not null,
  primary key (node, organisation_id, presence_partition)
) with (fillfactor = 50);
create index connected_vehicles_organisation on connected_vehicles (organisation_id);
create index connected_vehicles_partition on connected_vehicles (presence_partition);

insert into connected_vehicles (node, organisation_id, presence_partition, vehicles)
select node, organisation_id, presence_partition, count(*)
  from vehicle_presence
 where state = 'online'
   and node is not null
 group by 1, 2, 3;

grant select, insert, update, delete on connected_vehicles to milepost_alerts;
alter table connected_vehicles enable row level security;
create policy workers on connected_vehicles to milepost_alerts using (true) with check (true);

drop index vehicle_presence_lost_node;
drop index vehicle_presence_lost_organisation;
drop index vehicle_presence_online_node;
drop index vehicle_presence_online_organisation;
create index vehicle_presence_away_node on vehicle_presence (lost_node, lost_at) where state <> 'online';
create index vehicle_presence_away_organisation on vehicle_presence (organisation_id, lost_at) where state <> 'online';
-- Online again, on another node than they were lost on.
create index vehicle_presence_moved on vehicle_presence (lost_at) where state = 'online' and node <> lost_node;
