import { randomUUID } from 'node:crypto';
import { type Logger, sleep } from '@milepost/runtime';
import type { KafkaConnection } from '../connection.js';
import { type AskedKafka, logRange } from '../log-range.js';
import type { LogRecord } from '../log-record.js';
import { createBatchConsumerOn } from './batch-consumer.js';
import { groupMembersOf, type OpenGroupMember } from './group-member.js';
import type { BatchOutcome, RecordBatch } from './handler-batch.js';
import { LOOKS_AT_SHORT_LOG, SHORT_LOG_PAUSE_MS } from './short-log.js';

export interface LogTailOptions {
  topic: string;
  logger: Logger;
  /** In order within a partition; the next waits for the promise. */
  onRecord(record: LogRecord): void | Promise<void>;
  /** `end`: records appended after `start` resolved. */
  from: 'end' | 'start' | { timestampMs: number } | { offsets: ReadonlyMap<number, bigint> };
  onFatal(error: Error): void;
}

/** Reads every partition of a topic, in groups of its own that are deleted at close. */
export interface LogTail {
  /** Resolves when every partition has its position. Rejects when the tail is closed, or cannot go on, before that. */
  start(): Promise<void>;
  /**
   * Resolves when everything that was in the log at the time of the call has gone through `onRecord`. Rejects when the signal is aborted, and as `start`.
   * `lookAgain`: the log's end is looked at for more than a second, where what is missed once is missed for good (`LOOKS_AT_SHORT_LOG`).
   */
  readToEnd(options?: { signal?: AbortSignal; lookAgain?: boolean }): Promise<void>;
  /** The next offset of each partition. */
  positions(): ReadonlyMap<number, bigint>;
  readonly ready: boolean;
  close(): Promise<void>;
}

const DELETE_ATTEMPTS = 5;
const DELETE_PAUSE_MS = 200;
/** The shortest that Kafka allows by default (`group.min.session.timeout.ms`). */
const SESSION_TIMEOUT_MS = 6_000;
const WATCHDOG_MS = 12_000;
/** While Kafka is away a client follows the other; most of their groups never came to be, and none outlives its session. */
const MAX_GROUPS_REMEMBERED = 10;

/**
 * kafkajs cannot read a partition without a group. A tail commits nothing and shares its partitions with nobody, so each client that it makes has a group of
 * its own: one that follows a lost client would otherwise wait for that ghost to time out. The groups go when the tail closes (or by themselves, if the process dies).
 */
export function createLogTail(connection: KafkaConnection, options: LogTailOptions): LogTail {
  return createLogTailOn(groupMembersOf(connection), connection, options);
}

/** The tail with any group members: for tests. */
export function createLogTailOn(
  open: OpenGroupMember,
  connection: AskedKafka,
  { topic, logger, onRecord, from, onFatal }: LogTailOptions,
): LogTail {
  const groupId = `${topic}.tail.${randomUUID()}`;
  const groups: string[] = [];
  const openMember = inGroupsOfTheirOwn(open, groups);
  const next = new Map<number, bigint>();
  const waiters = new Set<() => void>();
  /** Aborted when it is closed, or cannot go on: then with the reason. */
  const over = new AbortController();

  const onBatch = async ({ records, partition, isStale }: RecordBatch): Promise<BatchOutcome> => {
    for (const record of records) {
      if (isStale()) return { kind: 'reposition' };
      await onRecord(record);
      next.set(partition, record.offset + 1n);
    }
    wake();
    return { kind: 'done' };
  };

  const wake = () => {
    for (const waiter of waiters) waiter();
  };

  const until = (condition: () => boolean, signal: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = () => {
        if (!signal.aborted && !condition()) return;
        waiters.delete(look);
        signal.removeEventListener('abort', look);
        if (signal.aborted) reject(new Error(`Reading ${topic} was broken off`, { cause: signal.reason }));
        else resolve();
      };
      waiters.add(look);
      signal.addEventListener('abort', look);
      look();
    });

  /** The furthest end of each partition of so many looks: what is too short is so for a while. */
  const ends = async (looks: number, signal: AbortSignal): Promise<Map<number, bigint>> => {
    const furthest = new Map<number, bigint>();
    for (let look = 1; look <= looks && !signal.aborted; look += 1) {
      if (look > 1) await sleep(SHORT_LOG_PAUSE_MS, signal);
      for (const [partition, { end }] of await logRange(connection, topic))
        furthest.set(partition, max(furthest.get(partition) ?? 0n, end));
    }
    return furthest;
  };

  const consumer = createBatchConsumerOn(openMember, (asked) => logRange(connection, asked), {
    groupId,
    topics: [topic],
    logger,
    onBatch,
    // After a reconnect it goes on where it was, not where it began.
    positionOf: async (_topic, partition, range) => {
      // One above the log is left to be looked at again: to go back would be to hand over twice.
      const position = max(next.get(partition) ?? range.start, range.start);
      next.set(partition, position);
      return position;
    },
    // Ready once this has returned.
    onAssigned: () => void setImmediate(wake),
    onFatal: (error) => {
      // Nobody would be told otherwise who waits here: a consumer that failed is never ready, and reads no further.
      over.abort(error);
      onFatal(error);
    },
    sessionTimeoutMs: SESSION_TIMEOUT_MS,
    watchdogMs: WATCHDOG_MS,
    commitOffsets: false,
  });

  return {
    start: async () => {
      for (const [partition, offset] of await beginnings(connection, topic, from)) next.set(partition, offset);
      await consumer.start();
      await until(() => consumer.ready, over.signal);
    },
    readToEnd: async ({ signal, lookAgain = false } = {}) => {
      const any = AbortSignal.any(signal ? [over.signal, signal] : [over.signal]);
      const wanted = await ends(lookAgain ? LOOKS_AT_SHORT_LOG : 1, any);
      await until(() => [...wanted].every(([partition, end]) => (next.get(partition) ?? 0n) >= end), any);
    },
    positions: () => next,
    get ready() {
      return consumer.ready;
    },
    close: async () => {
      over.abort();
      await consumer.stop();
      await deleteGroups(connection, groups.map(connection.physicalTopic), logger);
    },
  };
}

/** Each member in a new group, whose name goes into `groups`; the oldest go out of it. */
export function inGroupsOfTheirOwn(open: OpenGroupMember, groups: string[]): OpenGroupMember {
  let count = 0;
  return (settings, handlers) => {
    count += 1;
    const groupId = `${settings.groupId}.${count}`;
    groups.push(groupId);
    if (groups.length > MAX_GROUPS_REMEMBERED) groups.shift();
    return open({ ...settings, groupId }, handlers);
  };
}

async function beginnings(connection: AskedKafka, topic: string, from: LogTailOptions['from']): Promise<Map<number, bigint>> {
  if (typeof from === 'object' && 'offsets' in from) return new Map(from.offsets);
  if (typeof from === 'object') {
    const { timestampMs } = from;
    const offsets = await connection.askAdmin((admin) => admin.fetchTopicOffsetsByTimestamp(connection.physicalTopic(topic), timestampMs));
    return new Map(offsets.map(({ partition, offset }) => [partition, BigInt(offset)]));
  }
  const ranges = await logRange(connection, topic);
  return new Map([...ranges].map(([partition, { start, end }]) => [partition, from === 'end' ? end : start]));
}

const max = (a: bigint, b: bigint): bigint => (a > b ? a : b);

/** Best effort: Kafka forgets an empty group without offsets by itself. */
async function deleteGroups(connection: AskedKafka, groupIds: string[], logger: Logger): Promise<void> {
  for (let attempt = 1; attempt <= DELETE_ATTEMPTS; attempt += 1) {
    try {
      await connection.askAdmin((admin) => admin.deleteGroups(groupIds));
      return;
    } catch (err) {
      if (attempt === DELETE_ATTEMPTS)
        logger.debug({ event: 'kafka.tail.groups-left', groupIds, err }, 'Throw-away groups were not deleted');
      else await sleep(DELETE_PAUSE_MS);
    }
  }
}
