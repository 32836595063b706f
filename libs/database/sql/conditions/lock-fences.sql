-- Until this transaction ends no geofence is changed or deleted, and no vehicle leaves a group. $1 lock.
select pg_advisory_xact_lock_shared($1::bigint)
