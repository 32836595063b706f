-- Organisations whose fixes may cross a geofence.
-- Index: geofences_organisation_id_name_key.
select distinct organisation_id as "organisationId" from geofences where enabled
