-- Whether this transaction alone judges a shard now. $1 lock, $2 shard.
select pg_try_advisory_xact_lock($1::int, $2::int) as locked
