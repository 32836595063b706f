-- Binds vehicle ids to organisations on first sight and answers what each id is bound to.
-- $1 vehicle ids, $2 organisation names claimed for them (parallel, sorted by id), $3 registration of a new one: 'active' | 'pending', or null to register nobody.
-- Indexes: vehicles_vehicle_id_key, organisations_name_key.
with claims as (
  select * from unnest($1::text[], $2::text[]) as c (vehicle_id, organisation)
), bound as (
  insert into vehicles (vehicle_id, organisation_id, registration)
  select c.vehicle_id, o.id, $3
    from claims c
    join organisations o on o.name = c.organisation
   where $3::text is not null
     and not exists (select from vehicles v where v.vehicle_id = c.vehicle_id)
  on conflict (vehicle_id) do nothing
  returning id, vehicle_id, organisation_id, registration
)
select b.vehicle_id, b.id, b.organisation_id, b.registration from bound b
union all
select v.vehicle_id, v.id, v.organisation_id, v.registration from vehicles v join claims c using (vehicle_id)
