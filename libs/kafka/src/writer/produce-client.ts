import type { Logger } from '@milepost/runtime';
import { logLevel, type Producer, type TopicMessages } from 'kafkajs';
import type { KafkaConnection } from '../connection.js';
import { type AnsweredPartition, installLeanProduce, type ProduceAnswer, wholePartition } from './encoding/lean-produce.js';
import type { PartitionMessages } from './produce-message.js';

/** Kafka's word on one partition. */
export interface PartitionAnswer {
  topic: string;
  partition: number;
  baseOffset: bigint;
  /** Undefined where the topic keeps the producer's time. */
  logAppendTimeMs?: number;
}

/** Hears what one node has stored, before the others have answered: one that is silent holds up its own partitions alone. */
export type OnAnswers = (answers: readonly PartitionAnswer[]) => void;

/** One attempt, without retries of its own. Rejects when any partition of the request failed: others may have been stored. */
export interface ProduceClient {
  produce(partitions: readonly PartitionMessages[], onAnswers: OnAnswers): Promise<PartitionAnswer[]>;
  /** Goes on with a new client, unless this one is younger: for connections that are dead and do not know it, and metadata that is not refreshed. */
  renew(leastAgeMs: number): void;
  close(): Promise<void>;
}

interface Generation {
  producer: Producer;
  connected: Promise<void>;
  openedAtMs: number;
  requests: number;
  retired: boolean;
}

const ACKS_OF_ALL_IN_SYNC = -1;
/** Who leads what is looked up again after so long. kafkajs does it after an error, of which a time-out is none, or five minutes. */
const METADATA_MAX_AGE_MS = 5_000;
const topicMessages = installLeanProduce() ? wholePartitions : singleMessages;

/** The producer of kafkajs, held to one attempt a request: what is sent again is decided outside, where it is known. */
export function createProduceClient(connection: KafkaConnection, logger: Logger): ProduceClient {
  let current: Generation | undefined;

  const open = (): Generation => {
    const producer = connection.createClient({ retry: { retries: 0 }, logLevel: logLevel.NOTHING }).producer({
      retry: { retries: 0 },
      allowAutoTopicCreation: false,
      metadataMaxAge: METADATA_MAX_AGE_MS,
      createPartitioner: () => namedPartition,
    });
    return { producer, connected: producer.connect(), openedAtMs: performance.now(), requests: 0, retired: false };
  };

  const retire = (generation: Generation) => {
    generation.retired = true;
    if (current === generation) current = undefined;
    if (generation.requests === 0) disconnect(generation, logger);
  };

  return {
    produce: async (partitions, onAnswers) => {
      current ??= open();
      const generation = current;
      generation.requests += 1;
      try {
        await generation.connected.catch((error: unknown) => {
          retire(generation);
          throw error;
        });
        const answers = await generation.producer.sendBatch({
          acks: ACKS_OF_ALL_IN_SYNC,
          topicMessages: topicMessages(partitions, onAnswers),
        });
        return (answers ?? []).map((answer) => answerOf(answer.topicName, answer));
      } finally {
        generation.requests -= 1;
        if (generation.retired && generation.requests === 0) disconnect(generation, logger);
      }
    },
    renew: (leastAgeMs) => {
      if (current && performance.now() - current.openedAtMs >= leastAgeMs) retire(current);
    },
    close: async () => {
      const last = current;
      current = undefined;
      if (last === undefined) return;
      // A request that waits for the connection opens it although this closes what there is: the last one to end closes it again.
      last.retired = true;
      await last.producer.disconnect().catch(() => undefined);
    },
  };
}

function namedPartition({ message }: { message: { partition?: number } }): number {
  if (message.partition === undefined) throw new TypeError('A message reached the producer without a partition');
  return message.partition;
}

function disconnect(generation: Generation, logger: Logger): void {
  generation.producer.disconnect().catch((err: unknown) => {
    logger.debug({ event: 'kafka.producer.disconnect-failed', err }, 'An abandoned producer did not disconnect');
  });
}

function wholePartitions(partitions: readonly PartitionMessages[], onAnswers: OnAnswers): TopicMessages[] {
  const answered = ({ topics }: ProduceAnswer) =>
    onAnswers(
      topics.flatMap(({ topicName, partitions: answers }) =>
        answers.filter(({ errorCode }) => errorCode === 0).map((answer) => answerOf(topicName, answer)),
      ),
    );
  return partitions.map((partition) => ({ topic: partition.topic, messages: [wholePartition(partition, answered)] }));
}

/** For an encoder of kafkajs that is not the one we know. */
function singleMessages(partitions: readonly PartitionMessages[]): TopicMessages[] {
  return partitions.map(({ topic, partition, messages }) => ({
    topic,
    messages: messages.map(({ key, value, headers, timestampMs }) => ({
      key,
      value,
      partition,
      timestamp: String(timestampMs),
      ...(headers && { headers }),
    })),
  }));
}

function answerOf(
  topic: string,
  { partition, baseOffset = '-1', logAppendTime = '-1' }: Omit<AnsweredPartition, 'errorCode'>,
): PartitionAnswer {
  const appendTime = Number(logAppendTime);
  return { topic, partition, baseOffset: BigInt(baseOffset), ...(appendTime >= 0 && { logAppendTimeMs: appendTime }) };
}
