-- What is known of vehicles from now on. Vehicles, organisations, next looks (ms or null), states parallel, a vehicle once. Index: vehicle_conditions_pkey.
insert into vehicle_conditions (vehicle, organisation_id, due_at, machine)
select c.vehicle, c.organisation_id, to_timestamp(c.due / 1000), c.machine::jsonb
  from unnest($1::int[], $2::int[], $3::float8[], $4::text[]) as c (vehicle, organisation_id, due, machine)
 order by c.vehicle
on conflict (vehicle) do update
   set organisation_id = excluded.organisation_id,
       due_at          = excluded.due_at,
       machine         = excluded.machine,
       judged_at       = now()
