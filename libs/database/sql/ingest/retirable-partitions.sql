-- Daily partitions of days before $1, with those whose retirement was cut short: `state` is attached | detaching | detached.
-- Runs as the owner: catalogue tables only.
select p.parent, c.relname as name,
       case when i.inhrelid is null then 'detached' when i.inhdetachpending then 'detaching' else 'attached' end as state
  from unnest(array['locations', 'diagnostics', 'status_reports']) as p (parent)
  join pg_class c on c.relname ~ ('^' || p.parent || '_p[0-9]{8}$') and c.relkind = 'r' and c.relnamespace = 'public'::regnamespace
  left join pg_inherits i on i.inhrelid = c.oid
 where right(c.relname, 8) < to_char($1::date, 'YYYYMMDD')
 order by c.relname
