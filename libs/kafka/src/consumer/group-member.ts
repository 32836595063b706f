import { type Consumer, type EachBatchPayload, logLevel } from 'kafkajs';
import type { KafkaConnection } from '../connection.js';
import type { TopicPartition } from '../log-record.js';
import { askedAtMs } from './fetching/asked-at.js';
import { installLeanFetch } from './fetching/lean-fetch.js';
import type { FetchedBatch } from './handler-batch.js';
import { readRecord } from './read-record.js';
import { keepHeartbeatsSteady } from './steady-heartbeats.js';

installLeanFetch();
keepHeartbeatsSteady();

export interface GroupMemberSettings {
  groupId: string;
  topics: readonly string[];
  maxWaitMs: number;
  maxPartitionBytes: number;
  partitionsConcurrently: number;
  sessionTimeoutMs: number;
}

/** What a member tells; topics are logical. */
export interface GroupMemberHandlers {
  /** Called before anything of the new generation is fetched. */
  onJoined(assignment: readonly TopicPartition[]): void;
  onRebalancing(): void;
  onBatch(batch: FetchedBatch): Promise<void>;
  /** The coordinator has answered. */
  onAlive(): void;
  /** kafkajs has given up. */
  onCrash(error: Error): void;
}

/** One kafkajs client in a group; thrown away when it is stuck. */
export interface GroupMember {
  start(): Promise<void>;
  /** Fetches none of these. Also forgets the pauses of former generations, which kafkajs keeps (FACTS). */
  holdAll(partitions: readonly TopicPartition[]): void;
  release(partitions: readonly TopicPartition[]): void;
  seek(partition: TopicPartition, offset: bigint): void;
  commit(positions: readonly (TopicPartition & { offset: bigint })[]): Promise<void>;
  close(): Promise<void>;
}

/** Who leads what is looked up again after so long. kafkajs does it after an error or five minutes, and followers answer without one (KIP-392). */
const METADATA_MAX_AGE_MS = 5_000;
const HEARTBEATS_A_SESSION = 5;
const REBALANCE_TIMEOUT_MS = 30_000;
/** More than a SyncGroup takes until it is answered or given up (the time-out of requests, 10 s). */
const SYNC_MOST_MS = 15_000;

export type OpenGroupMember = (settings: GroupMemberSettings, handlers: GroupMemberHandlers) => GroupMember;

export function groupMembersOf(connection: KafkaConnection): OpenGroupMember {
  return (settings, handlers) => createGroupMember(connection, settings, handlers);
}

function createGroupMember(
  connection: KafkaConnection,
  { groupId, topics, maxWaitMs, maxPartitionBytes, partitionsConcurrently, sessionTimeoutMs }: GroupMemberSettings,
  handlers: GroupMemberHandlers,
): GroupMember {
  const { physicalTopic, logicalTopic } = connection;
  // Starting again is the membership's: kafkajs's own restart outlives a `close` that comes in between.
  const restartOnFailure = async () => false;
  const consumer = connection.createClient({ logLevel: logLevel.ERROR }).consumer({
    retry: { ...connection.retry, restartOnFailure },
    groupId: physicalTopic(groupId),
    sessionTimeout: sessionTimeoutMs,
    heartbeatInterval: Math.floor(sessionTimeoutMs / HEARTBEATS_A_SESSION),
    rebalanceTimeout: REBALANCE_TIMEOUT_MS,
    maxWaitTimeInMs: maxWaitMs,
    metadataMaxAge: METADATA_MAX_AGE_MS,
    maxBytesPerPartition: maxPartitionBytes,
    allowAutoTopicCreation: false,
  });
  listen(consumer, handlers, logicalTopic);
  const fetching = untilFetching(consumer);
  let isStarting = false;
  const byTopic = (partitions: readonly TopicPartition[]) =>
    topics.map((topic) => ({
      topic: physicalTopic(topic),
      partitions: partitions.filter((one) => one.topic === topic).map(({ partition }) => partition),
    }));

  return {
    start: async () => {
      await consumer.connect();
      // Read from the start where Kafka knows no offset: the position is set before the first fetch in any case.
      await consumer.subscribe({ topics: topics.map(physicalTopic), fromBeginning: true });
      isStarting = true;
      await consumer.run({
        autoCommit: false,
        eachBatchAutoResolve: false,
        partitionsConsumedConcurrently: partitionsConcurrently,
        eachBatch: (payload) => handlers.onBatch(fetchedBatch(payload, logicalTopic)),
      });
    },
    holdAll: (partitions) => {
      consumer.resume(topics.map((topic) => ({ topic: physicalTopic(topic) })));
      consumer.pause(byTopic(partitions));
    },
    release: (partitions) => consumer.resume(byTopic(partitions)),
    seek: ({ topic, partition }, offset) => consumer.seek({ topic: physicalTopic(topic), partition, offset: String(offset) }),
    commit: (positions) =>
      consumer.commitOffsets(
        positions.map(({ topic, partition, offset }) => ({ topic: physicalTopic(topic), partition, offset: String(offset) })),
      ),
    close: async () => {
      // kafkajs forgets a stop while it joins: it would come into the group after it, and keep partitions that nobody reads.
      if (isStarting) await fetching;
      await consumer.disconnect();
    },
  };
}

/** Resolves when the client has joined and fetches, or has given up. */
function untilFetching(consumer: Consumer): Promise<void> {
  return new Promise((resolve) => {
    consumer.on(consumer.events.FETCH_START, () => resolve());
    consumer.on(consumer.events.CRASH, () => resolve());
  });
}

/** The part of a kafkajs consumer that tells what becomes of it. */
export type ConsumerEvents = Pick<Consumer, 'on' | 'events'>;

export function listen(consumer: ConsumerEvents, handlers: GroupMemberHandlers, logicalTopic: (physical: string) => string): void {
  let isJoining = false;
  /** When it was taken into a generation of which it has no partitions yet. */
  let takenInAtMs = Number.POSITIVE_INFINITY;
  const joined = () => {
    isJoining = false;
    takenInAtMs = Number.POSITIVE_INFINITY;
  };
  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
    joined();
    handlers.onAlive();
    const assignment = Object.entries(payload.memberAssignment).flatMap(([topic, partitions]) =>
      partitions.map((partition) => ({ topic: logicalTopic(topic), partition })),
    );
    handlers.onJoined(assignment);
  });
  consumer.on(consumer.events.REBALANCING, () => {
    isJoining = true;
    handlers.onRebalancing();
  });
  // Where the answer to its SyncGroup is lost, kafkajs fetches on with the partitions of before. The coordinator has it for a member, takes its
  // heartbeats and gives it partitions that it never hears of: nobody reads them until the next rebalance.
  // A rebalance stops all fetches before it joins; a leader that has moved makes it join beside those from other nodes.
  consumer.on(consumer.events.FETCH_START, () => {
    if (!isJoining && performance.now() - takenInAtMs < SYNC_MOST_MS) return;
    joined();
    handlers.onCrash(Object.assign(new Error('the client fetches on although joining the group again has failed'), { retriable: true }));
  });
  consumer.on(consumer.events.REQUEST, ({ payload: { apiName } }) => {
    if (apiName === 'JoinGroup') takenInAtMs = performance.now();
  });
  consumer.on(consumer.events.HEARTBEAT, () => handlers.onAlive());
  consumer.on(consumer.events.CRASH, ({ payload: { error } }) => handlers.onCrash(error));
}

function fetchedBatch({ batch, heartbeat, resolveOffset }: EachBatchPayload, logicalTopic: (physical: string) => string): FetchedBatch {
  const topic = logicalTopic(batch.topic);
  // Which kafkajs's types leave out.
  const { fetchedOffset, rawMessages } = batch as typeof batch & { fetchedOffset: string | number; rawMessages: object };
  return {
    topic,
    partition: batch.partition,
    records: batch.messages.map((message) => readRecord(topic, batch.partition, message)),
    askedFrom: BigInt(fetchedOffset),
    highWatermark: BigInt(batch.highWatermark),
    askedAtMs: askedAtMs(rawMessages) ?? performance.now(),
    heartbeat,
    resolve: (offset) => resolveOffset(String(offset)),
  };
}
