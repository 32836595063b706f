import { type Topic, topics } from './topics.js';

/** User property of CONNECT with the value `1`, and of the PUBACK and PUBREC that it asks for. */
export const receiptProperty = 'receipt';

/** Topics of which ingest stores or dead-letters every record. */
const tracedTopics: readonly Topic[] = [topics.location, topics.diagnostics, topics.status];

/** Where a message stands in the log. */
export interface Receipt {
  topic: Topic;
  partition: number;
  /** From 0; below 2^63. */
  offset: bigint;
}

const MAX_OFFSET = 2n ** 63n - 1n;
const MAX_PARTITION = 2 ** 31 - 1;

/** `topic/partition/offset`, as vehicles are told it. */
export function formatReceipt({ topic, partition, offset }: { topic: string; partition: number; offset: bigint }): string {
  return `${topic}/${partition}/${offset}`;
}

/** @returns undefined for what is no receipt of a topic that is stored. */
export function parseReceipt(text: string): Receipt | undefined {
  const match = /^([a-z.]+)\/(\d{1,10})\/(\d{1,19})$/.exec(text);
  if (match === null) return undefined;
  const topic = tracedTopics.find((each) => each === match[1]);
  const [partition, offset] = [Number(match[2]), BigInt(match[3] ?? '')];
  return topic === undefined || partition > MAX_PARTITION || offset > MAX_OFFSET ? undefined : { topic, partition, offset };
}
