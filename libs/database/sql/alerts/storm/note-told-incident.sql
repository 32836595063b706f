-- Notes when it was told that an incident is open. $1 incident, $2 log time (ms). Index: incidents_pkey.
update incidents set notified_at = to_timestamp($2::float8 / 1000) where id = $1
