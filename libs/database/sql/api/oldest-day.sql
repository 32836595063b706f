-- The first day of which a table still has a partition: what lies before it is past its retention. Null when there is none.
-- $1 table.
select (min(to_date(right(child.relname, 8), 'YYYYMMDD'))::timestamp at time zone 'UTC')::timestamptz(3) as "oldestDay"
  from pg_catalog.pg_inherits i
  join pg_catalog.pg_class child on child.oid = i.inhrelid
 where i.inhparent = $1::regclass
   and not i.inhdetachpending
