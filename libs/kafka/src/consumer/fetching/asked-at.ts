export interface FetchAnswer {
  responses: readonly { partitions: readonly { messages: object }[] }[];
}

const times = new WeakMap<object, number>();

/**
 * Notes when was asked what this answers (`performance.now()`), by the messages of each of its partitions. What was in the log by then is in the answer, or is
 * known to follow; when the answer is read says nothing of that, for it may have waited, as where the process stood still, and so do its messages until one of
 * the workers of kafkajs is free.
 */
export function noteAsked({ responses }: FetchAnswer, atMs: number): void {
  for (const { partitions } of responses) for (const { messages } of partitions) times.set(messages, atMs);
}

/** When Kafka was asked for these messages; undefined where nobody noted it. */
export function askedAtMs(messages: object): number | undefined {
  return times.get(messages);
}
