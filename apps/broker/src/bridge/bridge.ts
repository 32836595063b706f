import { maxBridgedBytes, type Topic } from '@milepost/contracts';
import type { AppendOutcome, RunReceiver } from '@milepost/kafka';
import { messageBytes } from '@milepost/mqtt';
import type { ProcessBudget } from '../connections/process-budget.js';
import { isAnswering, type MessageLog } from '../log/message-log.js';
import type { BrokerMetrics } from '../metrics.js';
import type { Message } from './message.js';
import { headersOf } from './record-headers.js';

/** Whom a message is from. One object a client, so that the hot path makes none. */
export interface Sender {
  /** Key of its records: with it they keep their order. */
  readonly recordKey: string;
  /** Headers that every record of it has. */
  readonly headers: Readonly<Record<string, string>>;
}

/** What one record takes beside its message, about. */
const RECORD_OVERHEAD_BYTES = 256;

const TOO_LARGE: AppendOutcome = { kind: 'refused', code: 'too_large', message: `The payload has more than ${maxBridgedBytes} bytes` };

export interface BridgeOptions {
  log: MessageLog;
  budget: ProcessBudget;
  maxQoS0Bytes: number;
  metrics: Pick<BrokerMetrics, 'qos0Dropped'>;
  now?: () => number;
}

/** From a client's message to a Kafka record: the payload byte for byte, the time that of its arrival here. */
export class Bridge {
  private readonly log: MessageLog;
  private readonly budget: ProcessBudget;
  private readonly options: BridgeOptions;
  private readonly now: () => number;
  private qos0Bytes = 0;

  constructor(options: BridgeOptions) {
    this.options = options;
    this.log = options.log;
    this.budget = options.budget;
    this.now = options.now ?? Date.now;
  }

  /** Resolves when the record is on every in-sync replica, or never will be. While Kafka is away it stays open. */
  store(topic: Topic, message: Message, sender: Sender): Promise<AppendOutcome> {
    return new Promise((resolve) => this.put(topic, [{ publish: message }], sender, { settled: resolve }));
  }

  /** As `store`, for the hot path: never answered from within. Several go together only where all are plain. */
  put(topic: Topic, messages: readonly { publish: Message }[], sender: Sender, receiver: RunReceiver): void {
    const first = messages[0]?.publish;
    if (first === undefined) return;
    if (first.payload.length > maxBridgedBytes) {
      queueMicrotask(() => receiver.settled(TOO_LARGE, 0, messages.length));
      return;
    }
    let bytes = 0;
    for (const { publish } of messages) bytes += messageBytes(publish) + RECORD_OVERHEAD_BYTES;
    this.budget.take(bytes);
    const values = messages.map(({ publish }) => publish.payload);
    const headers = headersOf(first, sender.headers);
    const records = { topic, key: sender.recordKey, values, headers, timestampMs: this.now() };
    this.log.putAll(records, new HeldBytes(bytes, messages.length, this.budget, receiver));
  }

  /** QoS 0: best effort within a bound, counted when dropped, and no promise. @returns whether it was stored. */
  async offer(topic: Topic, message: Message, sender: Sender): Promise<boolean> {
    const bytes = messageBytes(message) + RECORD_OVERHEAD_BYTES;
    if (!isAnswering(this.log)) return this.drop('kafka_away');
    if (this.qos0Bytes + bytes > this.options.maxQoS0Bytes) return this.drop('buffer_full');
    this.qos0Bytes += bytes;
    const { kind } = await this.store(topic, message, sender);
    this.qos0Bytes -= bytes;
    return kind === 'stored' || this.drop(kind);
  }

  private drop(reason: string): false {
    this.options.metrics.qos0Dropped.inc({ reason });
    return false;
  }
}

/** Messages that count against the process's limit until the last of them has its outcome. */
class HeldBytes implements RunReceiver {
  constructor(
    private readonly bytes: number,
    private waiting: number,
    private readonly budget: ProcessBudget,
    private readonly receiver: RunReceiver,
  ) {}

  settled(outcome: AppendOutcome, first: number, count: number): void {
    this.waiting -= count;
    if (this.waiting === 0) this.budget.release(this.bytes);
    this.receiver.settled(outcome, first, count);
  }
}
