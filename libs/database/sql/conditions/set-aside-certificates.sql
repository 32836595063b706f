-- Sets aside which certificates connections showed. Vehicles, organisations, connected (ms), received (ms), facts parallel.
insert into condition_facts (organisation_id, vehicle, recorded_at, received_at, identity, fact)
select f.organisation_id, f.vehicle, to_timestamp(f.connected / 1000), to_timestamp(f.received / 1000), 0, f.fact::jsonb
  from unnest($1::int[], $2::int[], $3::float8[], $4::float8[], $5::text[]) as f (vehicle, organisation_id, connected, received, fact)
