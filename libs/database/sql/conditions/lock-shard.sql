-- Whether this transaction alone judges a shard now. $1 lock, $2 shard, $3 for how long it then waits for a row that somebody holds (55P03 after that).
select pg_try_advisory_xact_lock($1::int, $2::int) as locked, set_config('lock_timeout', $3, true)
