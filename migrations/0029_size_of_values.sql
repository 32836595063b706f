-- The most bytes that a jsonb value can come to as Postgres holds it unpacked; its text may be longer (decision 0036). What is not compressed says so itself; of what is, little is unpacked and looked at, and much is
-- taken for the most that it can be, lest a thousand of megabytes be unpacked only to be counted: of pglz a tag of 3 bytes stands for up to 273, with a bit that
-- says that it is a tag, and of lz4 a byte for up to 255.
-- A double: the sum of integers would be a numeric for each row.
create function bytes_at_most(value jsonb) returns double precision
  language sql stable parallel safe
  return case
    when value is null then 0
    when pg_column_compression(value) is null then pg_column_size(value)
    when pg_column_size(value) <= 8192 then pg_column_size(value #> '{}')
    when pg_column_compression(value) = 'pglz' then pg_column_size(value) * 88::double precision
    else pg_column_size(value) * 255::double precision
  end;
revoke execute on function bytes_at_most(jsonb) from public;
grant execute on function bytes_at_most(jsonb) to milepost_api;
