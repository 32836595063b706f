import { setMaxListeners } from 'node:events';
import { type Logger, sleep, within } from '@milepost/runtime';
import type { KafkaConnection } from '../connection.js';
import { logRange } from '../log-range.js';
import type { OffsetRange, TopicPartition } from '../log-record.js';
import { FetchPace, type FetchPaceLimits } from './fetch-pace.js';
import { Generation, nameOf } from './generation.js';
import { type GroupMember, groupMembersOf, type OpenGroupMember } from './group-member.js';
import { createGroupMembership } from './group-membership.js';
import { type BatchOutcome, type FetchedBatch, leftMore, type RecordBatch, recordBatch } from './handler-batch.js';
import type { Position } from './position-in-log.js';
import { Positioning } from './positioning.js';
import { ReadingWatch } from './reading-watch.js';
import { SHORT_LOG_PAUSE_MS } from './short-log.js';

export interface BatchConsumerOptions {
  groupId: string;
  topics: readonly string[];
  logger: Logger;
  onBatch(batch: RecordBatch): Promise<BatchOutcome>;
  /**
   * Where to go on, asked after every assignment and after `reposition`. The truth is the caller's store.
   * `range` is the log's present extent: a position outside of it is the caller's to judge; one below is read from the start, one above is fatal.
   */
  positionOf(topic: string, partition: number, range: OffsetRange): Promise<Position>;
  /** After the positions are set, before the first batch. Empty when there are more members than partitions. */
  onAssigned?(partitions: readonly TopicPartition[], generation: number): void | Promise<void>;
  /** The generation is over: nothing of it may be written any more. */
  onRevoked?(): void | Promise<void>;
  /** What cannot be mended from inside: leave the process. */
  onFatal(error: Error): void;
  /** How long Kafka may hold an empty fetch back; seeks wait as long. */
  maxWaitMs?: number;
  /**
   * How far fetches that bring something are spread; left out: not at all. What comes meanwhile comes together. Needs `partitionsConcurrently`
   * for all partitions that one member may have (`FetchPace`).
   */
  fetchPace?: FetchPaceLimits;
  /**
   * Where the log has more, a partition's next batch is fetched while this one is with `onBatch`, which is still called for one after the other
   * of a partition. Twice as many of them may be in memory then.
   */
  readAhead?: boolean;
  maxPartitionBytes?: number;
  /** A larger fetch is handed over in pieces, with a heartbeat between them. */
  maxBatchRecords?: number;
  partitionsConcurrently?: number;
  sessionTimeoutMs?: number;
  /** No heartbeat and no fetch for so long, or no positions and no word of why: the client is thrown away and made anew. */
  watchdogMs?: number;
  /** A partition that is behind, and is not read for so long though nothing of it is in hand: likewise. */
  standstillMs?: number;
  /** Commit offsets to Kafka, for lag tools; nothing here reads them. */
  commitOffsets?: boolean;
}

export interface BatchConsumer {
  start(): Promise<void>;
  /** Waits for the running batches, then leaves the group. */
  stop(options?: { timeoutMs?: number }): Promise<void>;
  /** Partitions whose positions are set. */
  assigned(): readonly TopicPartition[];
  /** Member of a generation, with every position set. */
  readonly ready: boolean;
}

const KIB = 1024;
/** As Kafka's own clients by default: each time costs a request with all partitions, and a record in Kafka's log for each of them. */
const COMMIT_EVERY_MS = 5_000;
const LAST_COMMIT_MS = 1_000;
const STANDSTILL_MS = 30_000;
const SETTLE_TIMEOUT_MS = 10_000;
const STOP_TIMEOUT_MS = 10_000;

/** A member of a consumer group whose truth is the caller's store: positions come from there after every assignment, and Kafka's offsets are for show. */
export function createBatchConsumer(connection: KafkaConnection, options: BatchConsumerOptions): BatchConsumer {
  return createBatchConsumerOn(groupMembersOf(connection), (topic) => logRange(connection, topic), options);
}

/** The consumer on any group: for tests. */
export function createBatchConsumerOn(
  openMember: OpenGroupMember,
  rangesOf: (topic: string) => Promise<ReadonlyMap<number, OffsetRange>>,
  options: BatchConsumerOptions,
): BatchConsumer {
  const { groupId, topics, logger, onBatch, positionOf, onAssigned, onRevoked, onFatal } = options;
  const { maxBatchRecords = 2_000, watchdogMs = 60_000, standstillMs = STANDSTILL_MS, commitOffsets = true, readAhead = false } = options;
  const pace = new FetchPace(options.fetchPace ?? { leastMs: 0, mostMs: 0 });
  const settings = {
    groupId,
    topics,
    maxWaitMs: options.maxWaitMs ?? 250,
    maxPartitionBytes: options.maxPartitionBytes ?? 1_024 * KIB,
    partitionsConcurrently: options.partitionsConcurrently ?? 4,
    sessionTimeoutMs: options.sessionTimeoutMs ?? 15_000,
  };
  const stopping = new AbortController();
  // A batch of every partition may rest at a time: Node takes more than ten listeners for a leak, and says so.
  setMaxListeners(0, stopping.signal);
  /** Batches that are worked on, each with what lets kafkajs go on without it. */
  const running = new Map<Promise<void>, () => void>();
  const inHandSince = new Map<string, number>();
  /** What the next batch of a partition waits for. */
  const lastWork = new Map<string, Promise<void>>();
  const uncommitted = new Map<string, TopicPartition & { offset: bigint }>();
  let generation = new Generation(0, []);
  let failed = false;
  let committing: NodeJS.Timeout | undefined;
  let looking: NodeJS.Timeout | undefined;

  const fail = (error: Error) => {
    if (failed || stopping.signal.aborted) return;
    failed = true;
    endGeneration();
    logger.error({ event: 'kafka.consumer.failed', groupId, err: error }, 'The consumer cannot go on');
    onFatal(error);
  };

  const endGeneration = () => {
    if (generation.isOver) return;
    watch.heard();
    generation.end();
    logger.info({ event: 'kafka.consumer.revoked', groupId, generation: generation.number }, 'The assignment is over');
    uncommitted.clear();
    lastWork.clear();
    Promise.resolve(onRevoked?.()).catch(asFatal);
  };

  const asFatal = (error: unknown) => fail(error instanceof Error ? error : new Error(String(error)));

  const beginGeneration = (mine: GroupMember, partitions: readonly TopicPartition[]) => {
    endGeneration();
    watch.heard();
    const next = new Generation(generation.number + 1, partitions, generation);
    generation = next;
    mine.holdAll(partitions);
    logger.info(
      { event: 'kafka.consumer.assigned', groupId, generation: next.number, partitions: partitions.length },
      'Partitions assigned',
    );
    setPositions(mine, next).catch(asFatal);
  };

  const setPositions = async (mine: GroupMember, current: Generation) => {
    // A batch of the generation before may still be writing: what it stores belongs to the position.
    await within(Promise.allSettled(running.keys()), SETTLE_TIMEOUT_MS);
    await positioning.begin(mine, current);
  };

  /** @param readOn is called when the batch is the caller's, and its successor may be fetched already. */
  const processFetched = async (mine: GroupMember, current: Generation, fetched: FetchedBatch, readOn: () => void): Promise<void> => {
    if (failed || !current.isPositioned || stopping.signal.aborted) return;
    const position = current.positionOf(fetched);
    if (position === undefined) return;
    const records = fetched.records.filter(({ offset }) => offset >= position);
    const [first] = records;
    if (first === undefined) {
      // kafkajs went back by itself, for a node whose log ends before the position. To read on would be to pass over what such a log gets anew.
      await sleep(SHORT_LOG_PAUSE_MS, stopping.signal);
      return positioning.again(mine, current, fetched);
    }
    if (!current.isNext(fetched, position, { first: first.offset, askedFrom: fetched.askedFrom }))
      return positioning.again(mine, current, fetched);

    const readsOn = readAhead && leftMore(fetched);
    if (readsOn) {
      const last = records.at(-1)?.offset ?? first.offset;
      current.readAheadTo(fetched, last + 1n);
      fetched.resolve(last);
      readOn();
    }
    for (let from = 0; from < records.length; from += maxBatchRecords) {
      const piece = records.slice(from, from + maxBatchRecords);
      const batch = recordBatch(fetched, piece, current, stopping.signal);
      if (batch.isStale()) return;
      const outcome = await onBatch(batch);
      if (current.isOver) return;
      if (outcome.kind === 'reposition') return positioning.again(mine, current, fetched);
      current.moveTo(fetched, batch.nextOffset);
      if (!readsOn) fetched.resolve(batch.nextOffset - 1n);
      uncommitted.set(nameOf(fetched), {
        topic: fetched.topic,
        partition: fetched.partition,
        offset: batch.nextOffset,
      });
      if (from + maxBatchRecords < records.length) await fetched.heartbeat();
    }
  };

  const onFetched = async (mine: GroupMember, fetched: FetchedBatch): Promise<void> => {
    const name = nameOf(fetched);
    const cameAtMs = performance.now();
    const current = generation;
    const before = lastWork.get(name);
    if (before !== undefined) await current.orOver(before);
    const beganAtMs = performance.now();
    inHandSince.set(name, beganAtMs);
    await new Promise<void>((resolve, reject) => {
      const work = processFetched(mine, current, fetched, resolve)
        .catch((error: unknown) => {
          // A rebalance or a lost coordinator: kafkajs wants to know. Anything else is a failure of the caller's.
          if (error instanceof Error && error.name.startsWith('KafkaJS')) throw error;
          asFatal(error);
        })
        .finally(() => {
          // By now another client may be at work on the partition.
          if (inHandSince.get(name) === beganAtMs) inHandSince.delete(name);
        });
      const settled = work
        .catch(() => undefined)
        .finally(() => {
          running.delete(settled);
          if (lastWork.get(name) === settled) lastWork.delete(name);
        });
      running.set(settled, resolve);
      lastWork.set(name, settled);
      work.then(resolve, reject);
    });
    const restMs = pace.restMs(name, performance.now() - cameAtMs, leftMore(fetched));
    if (restMs > 0) await sleep(restMs, stopping.signal);
  };

  const commit = async () => {
    if (!commitOffsets || uncommitted.size === 0 || generation.isOver) return;
    const positions = [...uncommitted.values()];
    uncommitted.clear();
    await membership.member?.commit(positions).catch((err: unknown) => {
      logger.debug({ event: 'kafka.consumer.commit-failed', err }, 'Offsets were not told to Kafka; they are only for show');
    });
  };

  const membership = createGroupMembership({
    open: openMember,
    settings,
    logger,
    watchdogMs,
    handlers: {
      onJoined: beginGeneration,
      onRebalancing: endGeneration,
      onAbandoned: endGeneration,
      onKeptOut: () => watch.heard(),
      onBatch: onFetched,
      onCrash: fail,
    },
  });

  const positioning = new Positioning({
    groupId,
    topics,
    logger,
    rangesOf,
    positionOf,
    onAssigned,
    onUnknown: () => watch.heard(),
    stopped: stopping.signal,
  });

  const watch = new ReadingWatch({
    groupId,
    topics,
    rangesOf,
    generation: () => generation,
    inHand: inHandSince,
    standstillMs,
    silenceMs: watchdogMs,
    logger,
    renew: () => membership.renew(),
  });

  return {
    start: async () => {
      // Whoever stopped it did not wait for what it does first: nobody would stop it again.
      if (stopping.signal.aborted) return;
      if (commitOffsets) committing = setInterval(() => void commit(), COMMIT_EVERY_MS);
      looking = setInterval(() => void watch.look(), standstillMs / 2);
      membership.start();
    },
    stop: async ({ timeoutMs = STOP_TIMEOUT_MS } = {}) => {
      stopping.abort();
      // Nobody takes it any more, and kafkajs would ask for it again and again while a batch is waited for.
      if (!generation.isOver) membership.hold(generation.partitions);
      membership.stopWatching();
      clearInterval(committing);
      clearInterval(looking);
      await within(Promise.allSettled(running.keys()), timeoutMs);
      await within(commit(), LAST_COMMIT_MS);
      endGeneration();
      // kafkajs leaves when it has its batches back. What one of them writes yet is the store's to refuse, as behind a rebalance.
      for (const letGo of running.values()) letGo();
      await membership.leave();
    },
    assigned: () => (generation.isPositioned ? generation.partitions : []),
    get ready() {
      return generation.isPositioned && !failed;
    },
  };
}
