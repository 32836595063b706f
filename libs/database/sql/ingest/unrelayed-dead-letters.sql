-- Dead letters that fleet.dead-letter does not have yet, the oldest first. $1 at most so many; read under the relay's advisory lock.
-- Index: dead_letters_unrelayed.
select topic, partition, "offset", at, vehicle_id, record_timestamp, record_key, headers, payload, errors, error_count
  from dead_letters
 where relayed_at is null
 order by at, topic, partition, "offset"
 limit $1
