-- The two times that a presence partition had at a time, in ms: nothing where its batches do not go back so far. They tell nothing of any organisation.
-- Ids ascend with log time within a partition, so the batch is found by halving: no index of its own is written with every batch.
create function presence_clock_at(of_partition integer, at timestamptz)
  returns table (log_time_ms double precision, clock_ms double precision)
  language plpgsql stable security definer
  set search_path = pg_catalog, public
as $$
declare
  at_ms constant double precision := extract(epoch from at) * 1000;
  low bigint;
  high bigint;
  middle bigint;
  batch record;
begin
  select min(b.id), max(b.id) into low, high from public.presence_batches b;
  while low <= high loop
    middle := low + (high - low) / 2;
    select b.id, b.log_time_ms, b.clock_ms into batch
      from public.presence_batches b
     where b.id >= middle and b.id <= high and b.presence_partition = of_partition
     order by b.id
     limit 1;
    if batch.id is null or coalesce(batch.log_time_ms, 0) > at_ms then
      high := middle - 1;
    else
      presence_clock_at.log_time_ms := batch.log_time_ms;
      presence_clock_at.clock_ms := batch.clock_ms;
      low := batch.id + 1;
    end if;
  end loop;
  if presence_clock_at.clock_ms is not null then
    return next;
  end if;
end
$$;
revoke execute on function presence_clock_at(integer, timestamptz) from public;
grant execute on function presence_clock_at(integer, timestamptz) to milepost_api;
