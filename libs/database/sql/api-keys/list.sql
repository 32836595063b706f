-- As the owner; there are few keys.
select k.id, k.prefix, k.name, o.name as organisation, k.scopes, k.created_at as "createdAt", k.revoked_at as "revokedAt"
  from api_keys k
  join organisations o on o.id = k.organisation_id
 order by k.created_at, k.id;
