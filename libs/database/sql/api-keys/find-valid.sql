-- Keys that somebody may mean, of those that are not revoked; as the owner, there are few. $1 id, name or first characters, $2 hash of what may be a whole key.
select k.id, k.prefix, k.name, o.name as organisation
  from api_keys k
  join organisations o on o.id = k.organisation_id
 where k.revoked_at is null
   and (k.id::text = $1 or k.name = $1 or k.hash = $2 or (length($1) >= 7 and starts_with(k.prefix, $1)))
 order by k.created_at, k.id;
