-- One dead letter as it was read from Kafka. Index: its primary key.
select topic, partition, "offset", record_timestamp as "recordTimestamp", record_key as "recordKey", headers, payload
  from dead_letters
 where topic = $1
   and partition = $2
   and "offset" = $3;
