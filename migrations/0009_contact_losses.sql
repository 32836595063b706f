-- Where and for how long vehicles were out of contact, 30 days: whether a loss is one vehicle's, or the place's.

create table contact_losses (
  vehicle          integer not null,
  organisation_id  integer not null,
  lost_at          timestamptz(3) not null,
  returned_at      timestamptz(3),
  cause            text not null,
  -- Where it was last seen before; null where it never had a position.
  latitude         double precision,
  longitude        double precision,
  -- Two hundredths of a degree: about 556 m from south to north.
  cell_lat         integer generated always as (floor(latitude * 200)) stored,
  cell_lon         integer generated always as (floor(longitude * 200)) stored,
  primary key (vehicle, lost_at)
);
create index contact_losses_place on contact_losses (organisation_id, cell_lat, cell_lon, lost_at);
create index contact_losses_lost_at on contact_losses (lost_at);

-- How often other vehicles of the organisation lost contact within 500 m of a place in the 30 days before, and the median length of what is over.
create function losses_near(of_organisation integer, not_vehicle integer, lat double precision, lon double precision, at timestamptz)
  returns table (losses integer, median_seconds double precision)
  language sql stable
  set search_path = pg_catalog, public
as $$
  select count(*)::int, percentile_cont(0.5) within group (order by extract(epoch from l.returned_at - l.lost_at))::float8
    from public.contact_losses l
   where l.organisation_id = of_organisation
     and l.vehicle <> not_vehicle
     and l.cell_lat between floor(lat * 200)::int - 1 and floor(lat * 200)::int + 1
     and l.cell_lon between floor((lon - 0.0045 / greatest(cos(radians(lat)), 0.01)) * 200)::int and floor((lon + 0.0045 / greatest(cos(radians(lat)), 0.01)) * 200)::int
     and l.lost_at >= at - interval '30 days'
     and l.lost_at < at
     -- Half of the great circle's chord; the earth's mean diameter is 12,742,017 m.
     and 12742017 * asin(least(1, sqrt(power(sin(radians(l.latitude - lat) / 2), 2)
           + cos(radians(lat)) * cos(radians(l.latitude)) * power(sin(radians(l.longitude - lon) / 2), 2)))) <= 500
$$;

grant select, insert, update, delete on contact_losses to milepost_alerts;
alter table contact_losses enable row level security;
create policy workers on contact_losses to milepost_alerts using (true) with check (true);
