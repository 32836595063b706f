-- A fence that is one of several statements sent together can stop the others only by an error.
create function require_moved(moved bigint, wanted bigint) returns void
  language plpgsql
  set search_path = pg_catalog
as $$
begin
  if moved is distinct from wanted then
    raise exception 'The position is not where the batch begins' using errcode = 'MP001';
  end if;
end
$$;
revoke execute on function require_moved(bigint, bigint) from public;
grant execute on function require_moved(bigint, bigint) to milepost_ingest;
