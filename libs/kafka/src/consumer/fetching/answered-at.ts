export interface FetchAnswer {
  responses: readonly { partitions: readonly { messages: object }[] }[];
}

const times = new WeakMap<object, number>();

/** Notes when an answer to Fetch came (`performance.now()`), by the messages of each of its partitions: kafkajs hands them over when one of its workers is free. */
export function noteAnswer({ responses }: FetchAnswer, atMs: number): void {
  for (const { partitions } of responses) for (const { messages } of partitions) times.set(messages, atMs);
}

/** When the answer came that these messages were in; undefined where nobody noted it. */
export function answeredAtMs(messages: object): number | undefined {
  return times.get(messages);
}
