-- By id or by the characters that `keys list` shows; a key that is revoked stays as it is.
update api_keys
   set revoked_at = now()
 where revoked_at is null
   and (id::text = $1 or prefix = $1)
returning id, prefix, name;
