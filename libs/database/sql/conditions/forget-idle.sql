-- Of vehicles of which nothing was judged for $1 days and for which no alert is open only the certificate is kept; those without one are forgotten.
-- Of at most $3 vehicles behind $2. Answers with the last of them (null: there is none behind) and with how many were forgotten.
-- Index: vehicle_conditions_pkey.
with looked as (
  select vehicle, judged_at from vehicle_conditions where vehicle > $2::int order by vehicle limit $3
), shrunk as (
  update vehicle_conditions c
     set machine = jsonb_build_object('certificate', c.machine -> 'certificate', 'open', '[]'::jsonb)
    from looked l
   where l.judged_at < now() - make_interval(days => $1)
     and c.vehicle = l.vehicle
     -- Asked of the row as it is when its turn comes: it may have been judged meanwhile.
     and c.judged_at < now() - make_interval(days => $1)
     and c.machine -> 'open' = '[]'::jsonb
     and c.machine ? 'certificate'
     and c.machine - 'certificate' - 'open' <> '{}'::jsonb
  returning c.vehicle
), gone as (
  delete from vehicle_conditions c
   using looked l
   where l.judged_at < now() - make_interval(days => $1)
     and c.vehicle = l.vehicle
     and c.judged_at < now() - make_interval(days => $1)
     and c.machine -> 'open' = '[]'::jsonb
     and not c.machine ? 'certificate'
  returning c.vehicle
)
select (select max(vehicle) from looked) as last,
       ((select count(*) from shrunk) + (select count(*) from gone))::int as forgotten
