-- Shapes of geofences. $1 ids. Index: geofences_pkey.
select id, xmin::text as version, shape from geofences where id = any ($1::uuid[])
