-- Writes where an incident stands. $1 incident, $2 members, $3 of them back, $4 mostly back since (clock, ms, or null), $5 closed at (log time, ms, or null).
-- Index: incidents_pkey.
update incidents
   set vehicles             = $2,
       returned             = $3,
       mostly_back_clock_at = to_timestamp($4::float8 / 1000),
       closed_at            = to_timestamp($5::float8 / 1000)
 where id = $1
