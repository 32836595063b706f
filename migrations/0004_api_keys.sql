-- Keys of the API. Shown once; only SHA-256 of the key is kept (it is 256 random bits: no slow hash is needed).

create table api_keys (
  id               uuid primary key default uuidv7(),
  organisation_id  integer not null references organisations (id),
  name             text not null check (char_length(name) between 1 and 128),
  scopes           text[] not null check (scopes <@ array['read', 'alerts:write', 'webhooks:write', 'admin'] and cardinality(scopes) > 0),
  hash             bytea not null unique,
  -- The first characters, to tell keys apart in a list.
  prefix           text not null,
  created_at       timestamptz(3) not null default now(),
  revoked_at       timestamptz(3)
);

alter table api_keys enable row level security;

-- The only way of the API to a key: it has no rights on the table.
create function lookup_api_key(key_hash bytea)
  returns table (id uuid, organisation_id integer, organisation text, name text, scopes text[])
  language sql stable security definer
  set search_path = pg_catalog, public
as $$
  select k.id, k.organisation_id, o.name, k.name, k.scopes
    from public.api_keys k
    join public.organisations o on o.id = k.organisation_id
   where k.hash = key_hash and k.revoked_at is null
$$;
revoke execute on function lookup_api_key(bytea) from public;
grant execute on function lookup_api_key(bytea) to milepost_api;
