import {
  type ClientState,
  ClientStateSchema,
  type KeptMessage,
  KeptMessageSchema,
  type KeptReceivers,
  KeptReceiversSchema,
  mqttHeaders,
  type Removal,
  RemovalSchema,
  RetainedRecordSchema,
  topics,
} from '@milepost/contracts';
import { headerText, type LogRecord } from '@milepost/kafka';
import { ownBytes } from '@milepost/mqtt';
import type { Logger } from '@milepost/runtime';
import { Compile } from 'typebox/compile';
import { isLater, orderOf } from '../log/stamp.js';
import { retainedKey } from '../records/retained-records.js';
import { type ClientRecords, clientOf, type KeptState, type MessageOnRecord, type RetainedOnRecord } from './kept-state.js';
import { LatestRecords } from './latest-records.js';
import { mendRetained, mendStates } from './mend-state.js';

/** Receivers of a message, in a record of their own. */
interface PartOnRecord {
  readonly receivers: KeptReceivers['receivers'];
  readonly partition: number;
}

const isClientState = Compile(ClientStateSchema);
const isKeptMessage = Compile(KeptMessageSchema);
const isKeptReceivers = Compile(KeptReceiversSchema);
const isRetained = Compile(RetainedRecordSchema);
const isRemoval = Compile(RemovalSchema);

/**
 * Takes the records of the three topics as they come. A record that cannot be read is told and left out: it is none of ours. Bodies are
 * views on what was fetched, megabytes at a time, and the few that are left of a log must not keep all of it.
 */
export class StateReading {
  static readonly topics = [topics.mqttSessions, topics.mqttMessages, topics.mqttRetained];

  private readonly states = new LatestRecords<ClientState>();
  private readonly messages = new Map<string, MessageOnRecord>();
  private readonly parts = new Map<string, PartOnRecord>();
  private readonly retained = new LatestRecords<RetainedOnRecord>();
  private lastPartEpoch = 0;

  constructor(private readonly logger: Logger) {}

  take(record: LogRecord): void {
    const { topic, key } = record;
    if (key === null) return;
    if (topic === topics.mqttSessions) this.takeState(record, key);
    else if (topic === topics.mqttMessages) this.takeMessage(record, key);
    else if (topic === topics.mqttRetained) this.takeRetained(record, key);
  }

  /** When all is read; once. */
  result(): KeptState {
    const { states, retained } = this;
    const messages = [...this.messages.values()].map((message) => withParts(message, this.parts));
    return {
      clients: this.clients(),
      messages: messages.sort((a, b) => (isLater(a.kept, b.kept) ? 1 : -1)),
      strayParts: new Map([...this.parts].map(([key, { partition }]) => [key, partition])),
      retained: [...retained.current()].map(([, each]) => each),
      isRetainedSince: (organisation, topic, stamp) => {
        const last = retained.orderOf(retainedKey(organisation, topic));
        if (last === undefined) return false;
        return last.of === undefined ? isLater(last, stamp) : !isLater(stamp, orderOf(last.of));
      },
      lastEpoch: messages.reduce(
        (last, { kept }) => Math.max(last, kept.epoch),
        Math.max(states.lastEpoch, retained.lastEpoch, this.lastPartEpoch),
      ),
      mend: (writer) => mendStates(states, writer) + mendRetained(retained, writer),
    };
  }

  private takeState(record: LogRecord, key: string): void {
    if (record.value === null) {
      this.states.read(key, removalOf(record), undefined);
      return;
    }
    const state = parsed(record.value.toString('utf8'));
    if (isClientState.Check(state)) this.states.read(key, state, state);
    else this.tellStrange(record);
  }

  private takeMessage(record: LogRecord, key: string): void {
    const { value, partition, timestampMs } = record;
    if (value === null) {
      this.messages.delete(key);
      this.parts.delete(key);
      return;
    }
    const part = parsed(headerText(record, mqttHeaders.receivers));
    if (isKeptReceivers.Check(part)) {
      this.parts.set(key, { receivers: part.receivers, partition });
      this.lastPartEpoch = Math.max(this.lastPartEpoch, part.epoch);
      return;
    }
    const kept = parsed(headerText(record, mqttHeaders.message));
    if (!isKeptMessage.Check(kept)) this.tellStrange(record);
    else if (roundOf(kept) >= roundOf(this.messages.get(key)?.kept))
      this.messages.set(key, { kept, payload: ownBytes(value), partition, timestampMs });
  }

  private takeRetained(record: LogRecord, key: string): void {
    if (record.value === null) {
      this.retained.read(key, removalOf(record), undefined);
      return;
    }
    const kept = parsed(headerText(record, mqttHeaders.message));
    if (isRetained.Check(kept)) this.retained.read(key, kept, { record: kept, payload: ownBytes(record.value) });
    else this.tellStrange(record);
  }

  private clients(): Map<string, ClientRecords> {
    const clients = new Map<string, ClientRecords>();
    for (const [key, state] of this.states.current()) {
      const client = clientOf(key);
      clients.set(client, { ...clients.get(client), [state.kind]: state });
    }
    return clients;
  }

  private tellStrange({ topic, partition, offset, key }: LogRecord): void {
    this.logger.error(
      { event: 'broker.state.unreadable', topic, partition, offset: String(offset), key },
      'A record of the MQTT state cannot be read',
    );
  }
}

/** For which time it was written; a late copy of an earlier time has not the last receivers. */
function roundOf(kept: KeptMessage | undefined): number {
  return kept?.round ?? 1;
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

function removalOf(record: LogRecord): Removal | undefined {
  const removal = parsed(headerText(record, mqttHeaders.removed));
  return isRemoval.Check(removal) ? removal : undefined;
}

function parsed(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}
