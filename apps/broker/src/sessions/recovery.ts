import {
  type ClientState,
  ClientStateSchema,
  type InboundRecord,
  type KeptMessage,
  KeptMessageSchema,
  type KeptReceivers,
  KeptReceiversSchema,
  mqttHeaders,
  type NextWillRecord,
  type OutboundRecord,
  type Removal,
  RemovalSchema,
  type RetainedRecord,
  RetainedRecordSchema,
  type SessionRecord,
  topics,
  type WillRecord,
} from '@milepost/contracts';
import { headerText, type LogRecord } from '@milepost/kafka';
import type { Logger } from '@milepost/runtime';
import { Compile } from 'typebox/compile';
import { retainedKey } from '../delivery/retained-records.js';
import type { ReadableLog, StartingPoints } from '../log/message-log.js';
import { LatestRecords } from './latest-records.js';
import { isLater, type Stamp, type StateWriter } from './state-writer.js';

/** Everything that the log says of one client. */
export interface ClientRecords {
  session?: SessionRecord;
  outbound?: OutboundRecord;
  inbound?: InboundRecord;
  will?: WillRecord;
  nextWill?: NextWillRecord;
}

export interface MessageOnRecord {
  readonly kept: KeptMessage;
  readonly payload: Buffer;
  readonly partition: number;
}

/** Receivers of a message, in a record of their own. */
interface PartOnRecord {
  readonly receivers: KeptReceivers['receivers'];
  readonly partition: number;
}

export interface RetainedOnRecord {
  readonly record: RetainedRecord;
  readonly payload: Buffer;
}

/** What three compacted topics hold, the latest of each key. */
export interface KeptState {
  readonly clients: ReadonlyMap<string, ClientRecords>;
  /** In the order that they were received in, each with all its receivers. */
  readonly messages: readonly MessageOnRecord[];
  /** Receivers of messages that are not on record: keys in `mqtt.messages`, with their partitions. Not to be believed of a part of the log. */
  readonly strayParts: ReadonlyMap<string, number>;
  readonly retained: readonly RetainedOnRecord[];
  /** What the topic retains, or that it retains nothing, was written after `stamp`. */
  isRetainedSince(organisation: string, topic: string, stamp: Pick<Stamp, 'epoch' | 'counter'>): boolean;
  /** The highest that any record names: a new epoch must be above it. */
  readonly lastEpoch: number;
  /** Writes anew what a late copy stands behind, so that compaction keeps what counts. @returns for how many keys. */
  mend(writer: MendingWriter): number;
}

/** What mends: a writer, or one that leaves some keys alone. */
export type MendingWriter = Pick<StateWriter, 'put' | 'remove'>;

const isClientState = Compile(ClientStateSchema);
const isKeptMessage = Compile(KeptMessageSchema);
const isKeptReceivers = Compile(KeptReceiversSchema);
const isRetained = Compile(RetainedRecordSchema);
const isRemoval = Compile(RemovalSchema);

/** Reads the broker's state, or what was written of it `from` there on, to the end of the log. A record that cannot be read is told and left out: it is none of ours. */
export async function readKeptState(log: ReadableLog, logger: Logger, from?: StartingPoints): Promise<KeptState> {
  const states = new LatestRecords<ClientState>();
  const messages = new Map<string, MessageOnRecord>();
  const parts = new Map<string, PartOnRecord>();
  let lastPartEpoch = 0;
  const retained = new LatestRecords<RetainedOnRecord>();

  const strange = ({ topic, partition, offset, key }: LogRecord) =>
    logger.error(
      { event: 'broker.state.unreadable', topic, partition, offset: String(offset), key },
      'A record of the MQTT state cannot be read',
    );
  const readers: Record<string, (record: LogRecord, key: string) => void> = {
    [topics.mqttSessions]: (record, key) => {
      if (record.value === null) {
        states.read(key, removalOf(record), undefined);
        return;
      }
      const state = parsed(record.value.toString('utf8'));
      if (isClientState.Check(state)) states.read(key, state, state);
      else strange(record);
    },
    [topics.mqttMessages]: (record, key) => {
      if (record.value === null) {
        messages.delete(key);
        parts.delete(key);
        return;
      }
      const part = parsed(headerText(record, mqttHeaders.receivers));
      if (isKeptReceivers.Check(part)) {
        parts.set(key, { receivers: part.receivers, partition: record.partition });
        lastPartEpoch = Math.max(lastPartEpoch, part.epoch);
        return;
      }
      const kept = parsed(headerText(record, mqttHeaders.message));
      if (isKeptMessage.Check(kept)) messages.set(key, { kept, payload: record.value, partition: record.partition });
      else strange(record);
    },
    [topics.mqttRetained]: (record, key) => {
      if (record.value === null) {
        retained.read(key, removalOf(record), undefined);
        return;
      }
      const kept = parsed(headerText(record, mqttHeaders.message));
      if (isRetained.Check(kept)) retained.read(key, kept, { record: kept, payload: record.value });
      else strange(record);
    },
  };
  const onRecord = (record: LogRecord) => {
    if (record.key !== null) readers[record.topic]?.(record, record.key);
  };
  await log.readAll(Object.keys(readers), onRecord, from);

  const clients = new Map<string, ClientRecords>();
  for (const [key, state] of states.current()) {
    const client = clientOf(key);
    clients.set(client, { ...clients.get(client), [state.kind]: state });
  }
  let lastEpoch = Math.max(states.lastEpoch, retained.lastEpoch, lastPartEpoch);
  for (const { kept } of messages.values()) lastEpoch = Math.max(lastEpoch, kept.epoch);
  const whole = [...messages.values()].map((message) => withParts(message, parts));
  const inOrder = whole.sort((a, b) => (isLater(a.kept, b.kept) ? 1 : -1));
  return {
    clients,
    messages: inOrder,
    strayParts: new Map([...parts].map(([key, { partition }]) => [key, partition])),
    retained: [...retained.current()].map(([, each]) => each),
    isRetainedSince: (organisation, topic, stamp) => {
      const order = retained.orderOf(retainedKey(organisation, topic));
      return order !== undefined && isLater(order, stamp);
    },
    lastEpoch,
    mend: (writer) => mendStates(states, writer) + mendRetained(retained, writer),
  };
}

/** What it names of the parts is no longer among them. */
function withParts(message: MessageOnRecord, parts: Map<string, PartOnRecord>): MessageOnRecord {
  const { kept } = message;
  if (kept.parts === undefined) return message;
  const receivers = [...kept.receivers];
  for (const key of kept.parts) {
    // One is gone only if its message was removed, and a late copy of that stands behind: nobody waits for it.
    for (const receiver of parts.get(key)?.receivers ?? []) receivers.push(receiver);
    parts.delete(key);
  }
  return { ...message, kept: { ...kept, receivers } };
}

/** Of a key in `mqtt.sessions`. */
function clientOf(key: string): string {
  return key.slice(key.indexOf(':') + 1);
}

function removalOf(record: LogRecord): Removal | undefined {
  const removal = parsed(headerText(record, mqttHeaders.removed));
  return isRemoval.Check(removal) ? removal : undefined;
}

function mendStates(states: LatestRecords<ClientState>, writer: MendingWriter): number {
  let count = 0;
  for (const { key, state } of states.overtaken()) {
    count += 1;
    if (state === undefined) void writer.remove(topics.mqttSessions, key, clientOf(key));
    else void writer.put(topics.mqttSessions, key, clientOf(key), Buffer.from(JSON.stringify(state)));
  }
  return count;
}

function mendRetained(retained: LatestRecords<RetainedOnRecord>, writer: MendingWriter): number {
  let count = 0;
  for (const { key, state } of retained.overtaken()) {
    count += 1;
    if (state === undefined) void writer.remove(topics.mqttRetained, key, key);
    else void writer.put(topics.mqttRetained, key, key, state.payload, { [mqttHeaders.message]: JSON.stringify(state.record) });
  }
  return count;
}

function parsed(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}
