-- The API explains conditions.
grant select on vehicle_conditions to milepost_api;
create policy own_organisation on vehicle_conditions for select to milepost_api using (organisation_id = (select current_organisation()));
