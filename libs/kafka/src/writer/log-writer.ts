import { setMaxListeners } from 'node:events';
import { type Logger, type Registry, within } from '@milepost/runtime';
import type { KafkaConnection } from '../connection.js';
import type { RecordsToAppend, RecordToAppend } from '../log-record.js';
import { partitionOf } from '../partitioner.js';
import type { AppendOutcome, OutcomeReceiver, RunReceiver } from './append-outcome.js';
import { createBatchDelivery, type PartitionBatch } from './batch-delivery.js';
import { Linger } from './linger.js';
import { encodedBytes, PartitionQueue } from './partition-queue.js';
import { createProduceClient, type ProduceClient } from './produce-client.js';
import type { ProduceMessage } from './produce-message.js';
import { QueuedRecord } from './queued-record.js';
import { createWriterMetrics } from './writer-metrics.js';

export interface AppendOptions {
  /** Takes the place of a queued record of the same partition and the same name that is not on its way yet; goes to the end of the queue. */
  replaces?: string;
}

export interface LogWriterOptions {
  logger: Logger;
  registry?: Registry;
  /** Of each topic that it writes to; KAFKA_PARTITIONS where nobody knows better. */
  partitions?: number | undefined;
  /** How long the first record of a batch waits for others, where others are to be expected; longer when Kafka is slow (`linger.ts`). */
  lingerMs?: number;
  /** Records a batch of one partition. */
  maxBatchRecords?: number;
  /** Encoded bytes a batch of one partition; a larger record goes alone. */
  maxPartitionBytes?: number;
  /** Bytes queued and on their way; beyond, `append` answers `withheld`. Stop reading from clients well before. */
  maxBufferedBytes?: number;
}

export interface LogWriter {
  /** Never rejects. While Kafka is away the promise stays pending; records of a partition are stored in the order of the calls. */
  append(record: RecordToAppend, options?: AppendOptions): Promise<AppendOutcome>;
  /**
   * As `append`, for the hot path: one call, never from within, and no promise. Of several calls in one turn none is taken behind one that
   * found no room.
   */
  put(record: RecordToAppend, receiver: OutcomeReceiver, options?: AppendOptions): void;
  /** As `put`, of several at once. All are taken, or none. */
  putAll(records: RecordsToAppend, receiver: RunReceiver): void;
  /** When Kafka last stored or refused something for this process (`performance.now`); when the writer was made, before the first. */
  readonly lastAnswerAtMs: number;
  /** Queued and on their way. */
  readonly bufferedBytes: number;
  readonly bufferedRecords: number;
  /** Resolves when everything appended before has its outcome. */
  flush(): Promise<void>;
  /** Takes nothing more, flushes, and withholds what has no outcome when the time is over. Ends in this time, whatever Kafka does. */
  close(options: { timeoutMs: number }): Promise<void>;
}

const KIB = 1024;

/** A durable, batching writer: what it says is stored is on every in-sync replica. See `batch-delivery.ts` for what happens when Kafka fails. */
export function createLogWriter(connection: KafkaConnection, options: LogWriterOptions): LogWriter {
  return createLogWriterOn(createProduceClient(connection, options.logger), connection, options);
}

/** The writer on any client: for tests. */
export function createLogWriterOn(
  client: ProduceClient,
  { config, physicalTopic }: Pick<KafkaConnection, 'config' | 'physicalTopic'>,
  {
    logger,
    registry,
    partitions = config.KAFKA_PARTITIONS,
    lingerMs = 5,
    maxBatchRecords = 1_000,
    maxPartitionBytes = 900 * KIB,
    maxBufferedBytes = 512 * KIB * KIB,
  }: LogWriterOptions,
): LogWriter {
  const limits = { maxRecords: maxBatchRecords, maxBytes: maxPartitionBytes };
  const linger = new Linger(lingerMs);
  const lanes = new Map<string, Lane>();
  const closing = new AbortController();
  // A batch of every partition may wait for Kafka at a time: Node takes more than ten listeners for a leak, and says so.
  setMaxListeners(0, closing.signal);
  let accepting = true;
  let bufferedBytes = 0;
  let bufferedRecords = 0;
  let lastAnswerAtMs = performance.now();
  let roundRobin = 0;
  let timer: NodeJS.Timeout | undefined;
  let timerAtMs = 0;
  const metrics = createWriterMetrics(registry, () => ({ bytes: bufferedBytes, records: bufferedRecords, maxBytes: maxBufferedBytes }));
  const delivery = createBatchDelivery({
    client,
    logger,
    metrics,
    signal: closing.signal,
    onAnswer: () => {
      lastAnswerAtMs = performance.now();
    },
    onTook: (ms) => linger.answered(ms),
  });

  const laneOf = (record: Pick<RecordToAppend, 'topic' | 'key' | 'partition'>): Lane => {
    const partition = record.partition ?? (record.key === null ? roundRobin++ % partitions : partitionOf(record.key, partitions));
    const name = `${record.topic}/${partition}`;
    let lane = lanes.get(name);
    if (lane === undefined) {
      lane = { topic: physicalTopic(record.topic), partition, queue: new PartitionQueue(), onItsWay: [], waitingSinceMs: 0 };
      lanes.set(name, lane);
    }
    return lane;
  };

  let freedBytes = 0;
  const free = () => {
    bufferedBytes -= freedBytes;
    freedBytes = 0;
  };

  const account = ({ message }: QueuedRecord, outcome: AppendOutcome) => {
    // When all of a batch have been told: whoever appends then because of the first is taken wherever one because of the next is.
    if (freedBytes === 0) queueMicrotask(free);
    freedBytes += message.bytes;
    bufferedRecords -= 1;
    if (outcome.kind === 'withheld') metrics.records.inc({ outcome: outcome.code === 'replaced' ? 'replaced' : 'withheld' });
  };

  const queued = (message: ProduceMessage, replaces: string | undefined, receiver: RunReceiver, index: number): QueuedRecord => {
    bufferedBytes += message.bytes;
    bufferedRecords += 1;
    return new QueuedRecord(message, replaces, receiver, account, index);
  };

  /** The earliest of all that were asked for. */
  const schedule = (delayMs: number) => {
    const atMs = performance.now() + delayMs;
    if (timer !== undefined && timerAtMs <= atMs) return;
    clearTimeout(timer);
    timerAtMs = atMs;
    timer = setTimeout(sendDue, Math.max(0, delayMs));
  };

  /** One request with the next batch of every partition that has something waiting and nothing on its way. */
  const sendDue = () => {
    timer = undefined;
    const due = [...lanes.values()].filter(({ queue, onItsWay }) => queue.length > 0 && onItsWay.length === 0);
    if (due.length === 0) return;
    const byBatch = new Map<PartitionBatch, Lane>();
    let records = 0;
    for (const lane of due) {
      lane.onItsWay = lane.queue.take(limits);
      records += lane.onItsWay.length;
      byBatch.set({ topic: lane.topic, partition: lane.partition, entries: lane.onItsWay }, lane);
    }
    linger.sent(records, performance.now());
    const onSettled = (batch: PartitionBatch) => {
      const lane = byBatch.get(batch);
      if (lane === undefined || closing.signal.aborted) return;
      lane.onItsWay = [];
      if (lane.queue.length > 0) schedule(lane.queue.isFull(limits) ? 0 : linger.ms - (performance.now() - lane.waitingSinceMs));
    };
    delivery.deliver([...byBatch.keys()], onSettled).catch((err: unknown) => {
      logger.fatal(
        { event: 'kafka.writer.broken', err },
        'The writer failed at something that is not Kafka; its records stay unacknowledged',
      );
    });
  };

  const pending = (): QueuedRecord[] => [...lanes.values()].flatMap(({ queue, onItsWay }) => [...onItsWay, ...queue.entries()]);

  const flush = async () => {
    schedule(0);
    await Promise.all(pending().map((record) => new Promise<void>((resolve) => record.watch(resolve))));
  };

  /** @returns false: the receiver will be told why. */
  const takes = (count: number, receiver: RunReceiver): boolean => {
    if (accepting && bufferedBytes < maxBufferedBytes) return true;
    const why = accepting
      ? withheld('buffer_full', `More than ${maxBufferedBytes} bytes wait for Kafka`)
      : withheld('closed', 'The writer is closed');
    if (accepting) metrics.records.inc({ outcome: 'withheld' }, count);
    queueMicrotask(() => receiver.settled(why, 0, count));
    return false;
  };

  const enqueue = (lane: Lane, record: QueuedRecord) => {
    const { queue, onItsWay } = lane;
    if (queue.length === 0 && onItsWay.length > 0) lane.waitingSinceMs = performance.now();
    queue.push(record)?.settle(withheld('replaced', 'A newer record took its place'));
  };

  const scheduleFor = ({ queue, onItsWay }: Lane) => {
    if (onItsWay.length > 0) return;
    if (queue.isFull(limits)) schedule(0);
    else schedule(linger.ms);
  };

  const put: LogWriter['put'] = (record, receiver, { replaces } = {}) => {
    if (!takes(1, receiver)) return;
    const lane = laneOf(record);
    const { key, value, headers, timestampMs = Date.now() } = record;
    enqueue(lane, queued({ key, value, headers, timestampMs, bytes: encodedBytes(record) }, replaces, receiver, 0));
    scheduleFor(lane);
  };

  const putAll: LogWriter['putAll'] = (records, receiver) => {
    const { key, values, headers, timestampMs = Date.now() } = records;
    if (values.length === 0 || !takes(values.length, receiver)) return;
    const lane = laneOf(records);
    const frameBytes = encodedBytes({ key, value: null, headers });
    for (const [index, value] of values.entries())
      enqueue(lane, queued({ key, value, headers, timestampMs, bytes: frameBytes + value.length }, undefined, receiver, index));
    scheduleFor(lane);
  };

  return {
    append: (record, appendOptions) => new Promise((resolve) => put(record, { settled: resolve }, appendOptions)),
    put,
    putAll,
    get lastAnswerAtMs() {
      return lastAnswerAtMs;
    },
    get bufferedBytes() {
      return bufferedBytes;
    },
    get bufferedRecords() {
      return bufferedRecords;
    },
    flush,
    close: async ({ timeoutMs }) => {
      const startedAt = performance.now();
      accepting = false;
      await within(flush(), timeoutMs);
      closing.abort();
      clearTimeout(timer);
      for (const entry of pending()) entry.settle(withheld('closed', 'The writer was closed before Kafka answered'));
      // kafkajs lets go of a connection only when its requests are answered or have timed out.
      await within(client.close(), Math.max(0, timeoutMs - (performance.now() - startedAt)));
    },
  };
}

interface Lane {
  /** Physical. */
  topic: string;
  partition: number;
  queue: PartitionQueue;
  /** At most one batch: a later one may not overtake it. */
  onItsWay: readonly QueuedRecord[];
  /** When the first came that waits behind what is on its way: that is part of its linger. */
  waitingSinceMs: number;
}

function withheld(code: 'replaced' | 'buffer_full' | 'closed', message: string): AppendOutcome {
  return { kind: 'withheld', code, message };
}
