-- Changes of policies behind a number, in their order. $1 number, $2 at most so many.
-- Index: policy_changes_pkey.
select id::float8 as id, change
  from policy_changes
 where id > $1::bigint
 order by id
 limit $2
