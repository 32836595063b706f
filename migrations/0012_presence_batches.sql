-- What the presence machine was given, batch by batch, and each day its whole state: a backtest replays them. 36 days.

-- A row a batch, written in the transaction that applied it. Within a partition the ids ascend in the order in which batches were applied.
create table presence_batches (
  id                  bigint generated always as identity primary key,
  at                  timestamptz(3) not null default now(),
  presence_partition  integer not null,
  -- The last change of policies that held, and whether the state was read from the tables before.
  policy_version      bigint not null,
  loaded              boolean not null,
  -- The partition's two times behind it, in ms.
  log_time_ms         double precision,
  clock_ms            double precision not null,
  format              smallint not null,
  -- Its events and what was asked of the world: JSON, packed (libs/database/src/packed.ts).
  content             bytea not null
);
create index presence_batches_at on presence_batches (at);

-- The state of a partition behind a batch.
create table presence_snapshots (
  id                  bigint generated always as identity primary key,
  taken_at            timestamptz(3) not null default now(),
  cluster_id          text not null,
  presence_partition  integer not null,
  partitions          integer not null,
  batch_id            bigint not null,
  policy_version      bigint not null,
  log_time_ms         double precision not null,
  vehicles            integer not null,
  format              smallint not null,
  -- The partition's clock with its writers; what the storm guard was configured with.
  clock               jsonb not null,
  storm               jsonb not null
);
create index presence_snapshots_partition on presence_snapshots (cluster_id, presence_partition, log_time_ms desc);
create index presence_snapshots_taken on presence_snapshots (taken_at);

-- Its vehicles and ended connections, in pieces of bounded size.
create table presence_snapshot_pieces (
  snapshot_id  bigint not null references presence_snapshots (id) on delete cascade,
  piece        integer not null,
  kind         text not null check (kind in ('vehicles', 'closed')),
  content      bytea not null,
  primary key (snapshot_id, piece)
);
alter table presence_batches alter column content set storage external;
alter table presence_snapshot_pieces alter column content set storage external;

grant select, insert, delete on presence_batches, presence_snapshots, presence_snapshot_pieces to milepost_alerts;

do $$
declare
  name text;
begin
  foreach name in array array['presence_batches', 'presence_snapshots', 'presence_snapshot_pieces'] loop
    execute format('alter table %I enable row level security', name);
    execute format('create policy workers on %I to milepost_alerts using (true) with check (true)', name);
  end loop;
end
$$;
