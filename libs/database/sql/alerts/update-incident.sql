-- Counts an incident's members anew and writes where it stands. $1 incident, $2 mostly back since (clock, ms, or null), $3 closed at (log time, ms, or null).
-- Index: incident_members_pkey.
update incidents i
   set vehicles             = c.vehicles,
       returned             = c.returned,
       mostly_back_clock_at = to_timestamp($2::float8 / 1000),
       closed_at            = to_timestamp($3::float8 / 1000)
  from (select count(*)::int as vehicles, count(returned_at)::int as returned from incident_members where incident_id = $1) c
 where i.id = $1
returning i.vehicles, i.returned
