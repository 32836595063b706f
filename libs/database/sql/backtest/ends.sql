-- The newest batch of each presence partition behind a batch. $1 batch.
select presence_partition as partition, max(id)::float8 as "batchId" from presence_batches where id > $1::bigint group by 1
