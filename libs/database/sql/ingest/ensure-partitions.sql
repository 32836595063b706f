-- Makes the partitions of days that are missing; answers how many it made. $1 tables, $2 days (parallel).
select coalesce(sum(ensure_partition(p.parent, p.day)::integer), 0)::integer as made
  from unnest($1::text[], $2::date[]) as p (parent, day)
