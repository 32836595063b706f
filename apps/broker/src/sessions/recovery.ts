import {
  type ClientState,
  ClientStateSchema,
  type InboundRecord,
  type KeptMessage,
  KeptMessageSchema,
  mqttHeaders,
  type OutboundRecord,
  type RetainedRecord,
  RetainedRecordSchema,
  type SessionRecord,
  topics,
  type WillRecord,
} from '@milepost/contracts';
import { headerText, type LogRecord } from '@milepost/kafka';
import type { Logger } from '@milepost/runtime';
import { Compile } from 'typebox/compile';
import type { ReadableLog } from '../log/message-log.js';
import { isLater } from './state-writer.js';

/** Everything that the log says of one client. */
export interface ClientRecords {
  session?: SessionRecord;
  outbound?: OutboundRecord;
  inbound?: InboundRecord;
  will?: WillRecord;
}

export interface MessageOnRecord {
  readonly kept: KeptMessage;
  readonly payload: Buffer;
  readonly key: string;
}

export interface RetainedOnRecord {
  readonly record: RetainedRecord;
  readonly payload: Buffer;
}

/** What three compacted topics hold, the latest of each key. */
export interface KeptState {
  readonly clients: ReadonlyMap<string, ClientRecords>;
  /** In the order that they were received in. */
  readonly messages: readonly MessageOnRecord[];
  readonly retained: readonly RetainedOnRecord[];
  /** The highest that any record names: a new epoch must be above it. */
  readonly lastEpoch: number;
}

const isClientState = Compile(ClientStateSchema);
const isKeptMessage = Compile(KeptMessageSchema);
const isRetained = Compile(RetainedRecordSchema);

/** Reads the broker's state to the end of the log. A record that cannot be read is told and left out: it is none of ours. */
export async function readKeptState(log: ReadableLog, logger: Logger): Promise<KeptState> {
  const states = new Map<string, ClientState>();
  const messages = new Map<string, MessageOnRecord>();
  const retained = new Map<string, RetainedOnRecord>();
  let lastEpoch = 0;

  const strange = ({ topic, partition, offset, key }: LogRecord) =>
    logger.error(
      { event: 'broker.state.unreadable', topic, partition, offset: String(offset), key },
      'A record of the MQTT state cannot be read',
    );
  const readers: Record<string, (record: LogRecord, key: string) => void> = {
    [topics.mqttSessions]: (record, key) => {
      if (record.value === null) {
        states.delete(key);
        return;
      }
      const state = parsed(record.value.toString('utf8'));
      if (!isClientState.Check(state)) strange(record);
      else if (replaces(state, states.get(key))) states.set(key, state);
    },
    [topics.mqttMessages]: (record, key) => {
      if (record.value === null) {
        messages.delete(key);
        return;
      }
      const kept = parsed(headerText(record, mqttHeaders.message));
      if (isKeptMessage.Check(kept)) messages.set(key, { kept, payload: record.value, key });
      else strange(record);
    },
    [topics.mqttRetained]: (record, key) => {
      if (record.value === null) {
        retained.delete(key);
        return;
      }
      const kept = parsed(headerText(record, mqttHeaders.message));
      if (!isRetained.Check(kept)) strange(record);
      else if (replaces(kept, retained.get(key)?.record)) retained.set(key, { record: kept, payload: record.value });
    },
  };
  await log.readAll(Object.keys(readers), (record) => {
    if (record.key !== null) readers[record.topic]?.(record, record.key);
  });

  const clients = new Map<string, ClientRecords>();
  for (const [key, state] of states) {
    lastEpoch = Math.max(lastEpoch, state.epoch);
    const client = key.slice(key.indexOf(':') + 1);
    clients.set(client, { ...clients.get(client), [state.kind]: state });
  }
  for (const { kept } of messages.values()) lastEpoch = Math.max(lastEpoch, kept.epoch);
  for (const { record } of retained.values()) lastEpoch = Math.max(lastEpoch, record.epoch);
  const inOrder = [...messages.values()].sort((a, b) => (isLater(a.kept, b.kept) ? 1 : -1));
  return { clients, messages: inOrder, retained: [...retained.values()], lastEpoch };
}

function replaces(later: { epoch: number; counter: number }, earlier: { epoch: number; counter: number } | undefined): boolean {
  return earlier === undefined || !isLater(earlier, later);
}

function parsed(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}
