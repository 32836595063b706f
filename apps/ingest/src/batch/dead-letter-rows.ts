import { isUtf8 } from 'node:buffer';
import { type Fault, maxFaultsKept, recordHeaders } from '@milepost/contracts';
import { type BoundStatement, sql } from '@milepost/database';
import { headerText, type LogRecord } from '@milepost/kafka';
import type { Sender } from './sender.js';

const upsertDeadLetters = sql('ingest/upsert-dead-letters');
const resolveDeadLetters = sql('ingest/resolve-dead-letters');

export interface DeadLetterId {
  topic: string;
  partition: number;
  offset: bigint;
}

interface DeadLetter {
  id: DeadLetterId;
  record: LogRecord;
  sender: Sender;
  faults: readonly Fault[];
}

/** The records of a batch that could not be stored as a whole, one row each; and the originals whose replay could. */
export class DeadLetterRows {
  /** By what the record is, or is the replay of: of two replays in a batch the last one counts. */
  readonly #letters = new Map<string, DeadLetter>();
  readonly #resolved = new Map<string, DeadLetterId>();

  get count(): number {
    return this.#letters.size;
  }

  /** Neither a dead letter nor one that is resolved. */
  get isEmpty(): boolean {
    return this.#letters.size === 0 && this.#resolved.size === 0;
  }

  get all(): DeadLetter[] {
    return [...this.#letters.values()];
  }

  /** What came of a record. */
  settle(record: LogRecord, sender: Sender, faults: readonly Fault[]): void {
    const original = replayOf(record);
    if (original === undefined && faults.length === 0) return;
    const id = original ?? { topic: record.topic, partition: record.partition, offset: record.offset };
    const name = `${id.topic}/${id.partition}/${id.offset}`;
    if (faults.length > 0) {
      this.#letters.set(name, { id, record, sender, faults });
      this.#resolved.delete(name);
    } else if (original) {
      this.#letters.delete(name);
      this.#resolved.set(name, original);
    }
  }

  statements(): BoundStatement[] {
    const letters = this.all;
    const resolved = [...this.#resolved.values()];
    const statements: BoundStatement[] = [];
    if (letters.length > 0) {
      statements.push({
        statement: upsertDeadLetters,
        values: [
          letters.map(({ id }) => id.topic),
          letters.map(({ id }) => id.partition),
          letters.map(({ id }) => id.offset),
          letters.map(({ sender }) => sender.organisationId),
          letters.map(({ sender }) => sender.vehicleId),
          letters.map(({ record }) => record.timestampMs),
          letters.map(({ record }) => record.key?.replaceAll('\0', '\ufffd') ?? null),
          letters.map(({ record }) => JSON.stringify(headersJson(record.headers))),
          letters.map(({ record }) => record.value ?? Buffer.alloc(0)),
          letters.map(({ faults }) => JSON.stringify(faults.slice(0, maxFaultsKept).map(storableFault))),
          letters.map(({ faults }) => faults.length),
        ],
      });
    }
    if (resolved.length > 0) {
      statements.push({
        statement: resolveDeadLetters,
        values: [resolved.map(({ topic }) => topic), resolved.map(({ partition }) => partition), resolved.map(({ offset }) => offset)],
      });
    }
    return statements;
  }
}

/** The dead letter that a record replays: `replay-of: topic/partition/offset`, of its own topic. Anything else is no replay. */
export function replayOf(record: Pick<LogRecord, 'topic' | 'headers'>): DeadLetterId | undefined {
  const said = headerText(record, recordHeaders.replayOf);
  if (said === undefined) return undefined;
  const [, topic, partition, offset] = /^([^/]+)\/(\d{1,9})\/(\d{1,18})$/.exec(said) ?? [];
  if (topic !== record.topic || partition === undefined || offset === undefined) return undefined;
  return { topic, partition: Number(partition), offset: BigInt(offset) };
}

/** Text where it is text, else base64: a replay must give back the bytes. `replay-of` belongs to one sending and is not kept. */
export function headersJson(headers: LogRecord['headers']): Record<string, string | { base64: string }> {
  const json = Object.create(null) as Record<string, string | { base64: string }>;
  for (const [name, value] of Object.entries(headers)) {
    if (name === recordHeaders.replayOf) continue;
    json[storableText(name)] = isUtf8(value) && !value.includes(0) ? value.toString('utf8') : { base64: value.toString('base64') };
  }
  return json;
}

const maxMessageLength = 500;
/** Names are of the vehicle's choosing: a payload of kilobytes unpacks to names of megabytes, and each of its faults would repeat them. */
const maxPointerLength = 1_000;

/** A pointer or message may quote what cannot be stored. */
function storableFault({ code, pointer, message }: Fault): Fault {
  return { code, pointer: storableText(shortened(pointer)), message: storableText(message.slice(0, maxMessageLength)) };
}

const shortened = (pointer: string): string =>
  pointer.length <= maxPointerLength ? pointer : `${pointer.slice(0, maxPointerLength - 1)}…`;

const loneSurrogates = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

function storableText(text: string): string {
  return text.replaceAll('\0', '\ufffd').replaceAll(loneSurrogates, '\ufffd');
}
