import { createLogger } from '@milepost/runtime';
import { createLogWriterOn, type LogWriterOptions } from './log-writer.js';
import type { OnAnswers, PartitionAnswer, ProduceClient } from './produce-client.js';
import type { PartitionMessages } from './produce-message.js';

const logger = createLogger({ app: 'test', level: 'silent' });
export const PARTITIONS = 4;

type Reaction = (request: readonly PartitionMessages[], onAnswers: OnAnswers) => PartitionAnswer[] | Promise<PartitionAnswer[]>;

/** A Kafka for unit tests: keeps the values of what it stored, and fails when it is told to. */
export class FakeProduceClient implements ProduceClient {
  readonly requests: (readonly PartitionMessages[])[] = [];
  readonly log = new Map<string, string[]>();
  #reactions: Reaction[] = [];
  standing: Reaction | undefined;

  /** The next request meets this instead; reactions queue up. */
  once(reaction: Reaction): void {
    this.#reactions.push(reaction);
  }

  async produce(request: readonly PartitionMessages[], onAnswers: OnAnswers): Promise<PartitionAnswer[]> {
    this.requests.push(request);
    const reaction = this.#reactions.shift() ?? this.standing ?? this.store;
    return reaction(request, onAnswers);
  }

  readonly store = (request: readonly PartitionMessages[]): PartitionAnswer[] =>
    request.map(({ topic, partition, messages }) => {
      const name = `${topic}/${partition}`;
      const stored = this.log.get(name) ?? [];
      this.log.set(name, stored);
      const baseOffset = BigInt(stored.length);
      stored.push(...messages.map(({ value }) => value?.toString() ?? ''));
      return { topic, partition, baseOffset };
    });

  renew(): void {}

  async close(): Promise<void> {}
}

/** A writer to a Kafka of four partitions, in its order. */
export function makeWriter(client: FakeProduceClient, options: Partial<LogWriterOptions> = {}) {
  const config = { KAFKA_BROKERS: [], KAFKA_SSL: false, KAFKA_PARTITIONS: PARTITIONS };
  return createLogWriterOn(client, { config, physicalTopic: (topic) => `p.${topic}` }, { logger, lingerMs: 1, ...options });
}

/** Of one topic and key. */
export const record = (value: string, partition = 0) => ({ topic: 't', key: 'k', value: Buffer.from(value), partition });
export const values = (request: readonly PartitionMessages[] | undefined) =>
  (request ?? []).flatMap(({ messages }) => messages.map(({ value }) => value?.toString()));

/** As kafkajs throws it. */
export function protocolError(type: string, retriable: boolean): Error {
  return Object.assign(new Error(`Kafka says ${type}`), { name: 'KafkaJSProtocolError', type, retriable });
}
