-- Deletes a geofence by its name. $1 organisation, $2 name.
delete from geofences f
 using organisations o
 where o.name = $1
   and f.organisation_id = o.id
   and f.name = $2
returning f.id
