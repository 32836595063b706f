-- An operator says that an emergency is over: the API sets that aside, and alerts resolves.

grant insert on condition_facts to milepost_api;
create policy own_organisation on condition_facts for insert to milepost_api with check (organisation_id = (select current_organisation()));
