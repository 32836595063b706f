-- Further members of an incident. $1 incident, $2 organisation, $3 log time (ms), $4 vehicles.
-- That somebody joined who was not in it is noted for webhooks, whose endpoints may name that vehicle.
with members as (
  insert into incident_members (incident_id, vehicle, organisation_id, joined_at)
  select $1, v.vehicle, $2, to_timestamp($3::float8 / 1000)
    from unnest($4::int[]) as v (vehicle)
  on conflict (incident_id, vehicle) do update set returned_at = null
  -- 0: the row is new.
  returning xmax::text = '0' as is_new
)
insert into incident_joins (incident_id, organisation_id)
select $1, $2
 where exists (select from members where is_new)
