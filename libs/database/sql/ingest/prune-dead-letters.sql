-- Dead letters that Kafka has and that have been kept long enough. $1 days. Runs as the owner, once an hour: a scan of the table will do.
delete from dead_letters
 where at < now() - make_interval(days => $1)
   and relayed_at is not null
