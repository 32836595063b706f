-- Through the function of the owner: the API has no rights on the table. Index: api_keys (hash).
select id, organisation_id as "organisationId", organisation, name, scopes
  from lookup_api_key($1);
