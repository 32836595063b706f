-- What is known of vehicles. $1 vehicles. Index: vehicle_conditions_pkey.
select vehicle, machine from vehicle_conditions where vehicle = any ($1::int[])
