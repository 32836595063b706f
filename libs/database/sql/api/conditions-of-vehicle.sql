-- What is known of a vehicle's conditions, and when something of it was last judged (ms). $1 vehicle. Index: vehicle_conditions_pkey.
select machine, (extract(epoch from judged_at) * 1000)::float8 as "judgedAtMs" from vehicle_conditions where vehicle = $1
