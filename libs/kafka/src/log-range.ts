import type { KafkaConnection } from './connection.js';
import type { OffsetRange } from './log-record.js';

/** The part of a connection that asks Kafka something. */
export type AskedKafka = Pick<KafkaConnection, 'askAdmin' | 'physicalTopic'>;

/** The extent of each partition's log, asked of Kafka now. */
export async function logRange(connection: AskedKafka, topic: string): Promise<Map<number, OffsetRange>> {
  const partitions = await connection.askAdmin((admin) => admin.fetchTopicOffsets(connection.physicalTopic(topic)));
  return new Map(partitions.map(({ partition, low, high }) => [partition, { start: BigInt(low), end: BigInt(high) }]));
}
