-- Notes when vehicles were back. Vehicles, times of the loss and of the return in ms parallel.
-- Index: contact_losses_pkey.
update contact_losses c
   set returned_at = to_timestamp(r.returned / 1000)
  from unnest($1::int[], $2::float8[], $3::float8[]) as r (vehicle, lost, returned)
 where c.vehicle = r.vehicle
   and c.lost_at = to_timestamp(r.lost / 1000)::timestamptz(3)
