import { type KeptMessage, type KeptReceivers, mqttHeaders, topics } from '@milepost/contracts';
import { type AppendOutcome, encodedBytes } from '@milepost/kafka';
import { messageBytes, type OutboundMessage } from '@milepost/mqtt';
import { untilAnswered } from '../log/until-answered.js';
import type { StateWriter } from '../state/state-writer.js';
import { messageFields } from './message-fields.js';
import { MessageRecord, type StoredCopy } from './message-record.js';
import { divideReceivers } from './receiver-parts.js';

/** A copy that a receiver must get although the process dies. */
export interface KeptReceiver {
  readonly client: string;
  /** Which of its sessions, as `recordId` names its beginning; undefined: the one that the client has by then. */
  readonly session?: string | undefined;
  readonly message: OutboundMessage;
  /** The hand-out of retained messages that it is of, where that is on record. */
  readonly handOut?: string | undefined;
}

export interface MessageToKeep {
  readonly organisation: string;
  readonly message: OutboundMessage;
  /** Client key of the publisher. */
  readonly owner: string;
  /** The publisher's QoS 2 identifier, where its session is kept. */
  readonly packetId: number | undefined;
  /** Which session of the publisher, likewise. */
  readonly session?: string | undefined;
  /** The will that it is: its record stands for having been published. */
  readonly will?: KeptMessage['will'];
  /** The copy of an ended session that it takes the place of. */
  readonly passedOn?: StoredCopy | undefined;
  readonly receivers: readonly KeptReceiver[];
}

/** What a record takes beside its body, and what each copy of it that waits does: measured on Node 20. */
const RECORD_BYTES = 400;
const COPY_BYTES = 350;

/** `mqtt.messages`: bodies once, whoever they wait for. */
export class MessageRecords {
  private kept = 0;
  private keptBytes = 0;

  constructor(
    private readonly writer: StateWriter,
    private readonly maxBytes = Number.POSITIVE_INFINITY,
  ) {}

  /** Messages that somebody needs. */
  get size(): number {
    return this.kept;
  }

  /** Of the same messages, each body once, and what they cost to hold. */
  get bytes(): number {
    return this.keptBytes;
  }

  /** No more may be kept for clients that are away (decision 0014). */
  get full(): boolean {
    return this.keptBytes >= this.maxBytes;
  }

  /** The record to be, so that others can name it; `keep` writes it. */
  begin(owner: string): MessageRecord {
    return new MessageRecord(this.writer.stamp(), owner);
  }

  /**
   * `stored`: from then on the message is received, and queued for all receivers. May be called again with others
   * until `settle`.
   */
  async keep(
    record: MessageRecord,
    { organisation, message, owner, packetId, session, will, passedOn, receivers }: MessageToKeep,
  ): Promise<AppendOutcome> {
    const entries = receivers.map(entryOf);
    const round = ++record.writings;
    const kept: KeptMessage = {
      ...record.stamp,
      ...messageFields(organisation, message),
      ...(packetId !== undefined && { sender: { client: owner, packetId, ...(session !== undefined && { session }) } }),
      ...(will !== undefined && { will }),
      ...(passedOn !== undefined && { passedOn: { message: passedOn.record.id, copy: passedOn.index } }),
      ...(round > 1 && { round }),
      receivers: [],
    };
    const own = { key: record.key, value: message.payload };
    const headersOf = (of: KeptMessage) => ({ [mqttHeaders.message]: JSON.stringify(of) });
    const { first, parts } = divideReceivers(entries, message, () => encodedBytes({ ...own, headers: headersOf(kept) }));
    const { parts: partsBefore } = record;
    const written = parts.length === 0 ? NO_PARTS : await this.writeParts(record, owner, parts);
    if (!Array.isArray(written)) return written;
    const whole = { ...kept, receivers: first, ...(written.length > 0 && { parts: written }) };
    const outcome = await this.writer.put(topics.mqttMessages, record.key, owner, message.payload, headersOf(whole));
    if (outcome.kind === 'stored') record.parts = written;
    // Those that no record names.
    this.removeParts(record, outcome.kind === 'stored' ? partsBefore : written);
    const parties = receivers.length + (packetId === undefined ? 0 : 1) + (will === undefined ? 0 : 1);
    if (outcome.kind === 'stored') this.need(record, parties, messageBytes(message));
    return outcome;
  }

  /** The record is as it shall be. Nobody waits for it: it was there for other nodes and for its acknowledgement. */
  settle(record: MessageRecord): void {
    if (record.durable && record.needed <= 0) this.remove(record);
  }

  /**
   * Nobody has it, nobody is to have it, and it was not acknowledged. @returns what resolves when it is off the record, until when whoever
   * starts next has it; undefined: it is.
   */
  abandon(record: MessageRecord): Promise<unknown> | undefined {
    if (!record.durable || record.removed) return undefined;
    this.forget(record);
    const removal = untilAnswered(() => this.writer.remove(topics.mqttMessages, record.key, record.owner));
    // As long as it is there it has all its receivers.
    return removal.then(() => this.removeParts(record, record.parts));
  }

  /** A record that was read at the start. `bodyBytes`: as `messageBytes` counts. */
  restore(record: MessageRecord, needed: number, bodyBytes: number): void {
    this.need(record, needed, bodyBytes);
    this.settle(record);
  }

  /** One of those who needed it does not any more. */
  release(record: MessageRecord): void {
    record.needed -= 1;
    if (record.durable && record.needed === 0) this.remove(record);
  }

  private need(record: MessageRecord, parties: number, bodyBytes: number): void {
    if (!record.durable || record.removed) this.kept += 1;
    // Its sender's session, which alone had it, may have ended while it was about to be written once more.
    record.removed = false;
    const bytes = bodyBytes + RECORD_BYTES + parties * COPY_BYTES;
    this.keptBytes += bytes - record.bytes;
    record.bytes = bytes;
    record.needed += parties - record.parties;
    record.parties = parties;
    record.durable = true;
  }

  private remove(record: MessageRecord): void {
    if (record.removed) return;
    this.forget(record);
    // Where there is no room it stays: whoever starts next finds that nobody needs it any more.
    void this.writer.remove(topics.mqttMessages, record.key, record.owner);
    this.removeParts(record, record.parts);
  }

  private forget(record: MessageRecord): void {
    record.removed = true;
    this.kept -= 1;
    this.keptBytes -= record.bytes;
    record.bytes = 0;
  }

  /** Before the message's own record, which is the point of no return. @returns their keys, or why one is not stored. */
  private async writeParts(
    record: MessageRecord,
    owner: string,
    parts: readonly KeptReceivers['receivers'][],
  ): Promise<string[] | AppendOutcome> {
    const round = ++record.rounds;
    const keys = parts.map((_, index) => `${record.key}/${round}.${index}`);
    const outcomes = await Promise.all(
      parts.map((receivers, index) => {
        const part: KeptReceivers = { epoch: record.stamp.epoch, receivers };
        const headers = { [mqttHeaders.receivers]: JSON.stringify(part) };
        return this.writer.put(topics.mqttMessages, keys[index] ?? '', owner, NO_BYTES, headers);
      }),
    );
    const failed = outcomes.find(({ kind }) => kind !== 'stored');
    if (failed === undefined) return keys;
    this.removeParts(record, keys);
    return failed;
  }

  private removeParts({ owner }: MessageRecord, keys: readonly string[]): void {
    for (const key of keys) void this.writer.remove(topics.mqttMessages, key, owner);
  }
}

const NO_PARTS: string[] = [];
const NO_BYTES = Buffer.alloc(0);

function entryOf({ client, message, session, handOut }: KeptReceiver): KeptMessage['receivers'][number] {
  const { qos, retain, publishedWithRetain, share, properties } = message;
  const identifier = properties.subscriptionIdentifiers?.[0];
  return {
    client,
    qos: qos === 2 ? 2 : 1,
    retain,
    ...(retain && publishedWithRetain !== undefined && { retainedAsPublished: publishedWithRetain }),
    ...(identifier !== undefined && { identifier }),
    ...(share !== undefined && { share }),
    ...(session !== undefined && { session }),
    ...(handOut !== undefined && { handOut }),
  };
}
