/** Names, in a server's environment, the Kafka behind it, comma-separated; left out, its log answers by itself. */
export const KAFKA_BEHIND = 'BENCH_KAFKA_BROKERS';
export const PARTITIONS = 12;
