import { topicPolicies, topics } from '@milepost/contracts';
import { messageBytes } from '@milepost/mqtt';

const KIB = 1024;
const STATE: ReadonlySet<string> = new Set([topics.mqttSessions, topics.mqttMessages, topics.mqttRetained]);
/** Kafka's limit is of a batch; of one record alone this much is not the record's. */
const BATCH_BYTES = 512;

/** What one record of the MQTT state may take, as `encodedBytes` counts: a larger one Kafka refuses, however often it comes. */
export const maxRecordBytes =
  Math.min(...topicPolicies.filter(({ topic }) => STATE.has(topic)).map(({ maxMessageBytes }) => maxMessageBytes)) - BATCH_BYTES;

/** JSON writes a control character with six bytes. */
export const MOST_BYTES_A_CHARACTER = 6;
/** For key, client id and all that is said of a message beside what came with it. */
const BESIDE_BYTES = 64 * KIB;

/**
 * Whatever its characters are, the record of this message is no larger than `maxRecordBytes`, with so many bytes that are said of it more.
 * Says no to others that would fit.
 */
export function surelyFits(message: Parameters<typeof messageBytes>[0], moreBytes = 0): boolean {
  return MOST_BYTES_A_CHARACTER * messageBytes(message) + BESIDE_BYTES + moreBytes <= maxRecordBytes;
}
