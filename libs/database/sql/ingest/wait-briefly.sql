-- For the rest of the transaction: whoever shares it with others waits no longer than this for a row that somebody holds (55P03 then).
select set_config('lock_timeout', '50ms', true)
