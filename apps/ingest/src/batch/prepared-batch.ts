import { type Fault, recordHeaders, topics } from '@milepost/contracts';
import { headerText, type LogRecord } from '@milepost/kafka';
import type { ClockRules } from '../messages/clock.js';
import type { FieldMappings } from '../messages/field-mapping.js';
import { pointerTo } from '../messages/json-pointer.js';
import { parsePayload } from '../messages/parse-payload.js';
import { DeadLetterRows } from './dead-letter-rows.js';
import { DiagnosticsRows } from './diagnostics-rows.js';
import { LocationRows } from './location-rows.js';
import type { Sender } from './sender.js';
import { StatusRows } from './status-rows.js';
import { noFaults, type TopicRows } from './topic-rows.js';

export interface BatchRules {
  clock: ClockRules;
  mappings: FieldMappings;
  /** Rows of one transaction; the record that reaches it is still taken in. */
  maxRows: number;
  /** Unpacked bytes of one transaction, likewise. */
  maxBytes: number;
  /** Organisations that have geofences, as they are now; none unless given. */
  fencedOrganisations?(): ReadonlySet<number>;
}

/** A record and who sent it. */
export interface SentRecord {
  record: LogRecord;
  sender: Sender;
}

/** Everything that one transaction writes, and nothing that needs a database to be known. */
export interface PreparedBatch {
  topic: string;
  partition: number;
  records: readonly SentRecord[];
  nextOffset: bigint;
  lastTimestampMs: number;
  rows: TopicRows;
  deadLetters: DeadLetterRows;
}

/** Items that the database refused when they came alone: index → fault. */
export type RefusedItems = ReadonlyMap<number, Fault>;
const noneRefused: RefusedItems = new Map();
const nobody: ReadonlySet<number> = new Set();

/** Takes in records from the first on until a limit is reached: `records` of the result says how many. */
export function prepareBatch(records: readonly SentRecord[], rules: BatchRules, refused: RefusedItems = noneRefused): PreparedBatch {
  const first = records[0];
  if (first === undefined) throw new TypeError('A batch has at least one record');
  const { topic, partition } = first.record;
  const rows = rowsOf(topic, rules.fencedOrganisations?.() ?? nobody);
  const deadLetters = new DeadLetterRows();
  let bytes = 0;
  let taken = 0;
  let last = first.record;
  for (const { record, sender } of records) {
    if (taken > 0 && (rows.weight >= rules.maxRows || bytes >= rules.maxBytes)) break;
    const reading = readRecord(record, sender, rows, rules, refused);
    deadLetters.settle(record, sender, reading.faults);
    bytes += reading.bytes;
    taken += 1;
    last = record;
  }
  return {
    topic,
    partition,
    records: records.slice(0, taken),
    nextOffset: last.offset + 1n,
    lastTimestampMs: last.timestampMs,
    rows,
    deadLetters,
  };
}

function readRecord(
  record: LogRecord,
  sender: Sender,
  rows: TopicRows,
  { clock, mappings }: BatchRules,
  refused: RefusedItems,
): { bytes: number; faults: readonly Fault[] } {
  const payloadBytes = record.value?.length ?? 0;
  if (sender.kind === 'refused') return { bytes: payloadBytes, faults: [sender.fault] };
  const source = {
    vehicleId: sender.vehicleId,
    vehicle: sender.vehicle,
    organisationId: sender.organisationId,
    offset: record.offset,
    receivedAtMs: record.timestampMs,
    clock,
    mapping: mappings.for(sender.vehicleId),
  };
  const contentEncoding = headerText(record, recordHeaders.contentEncoding);
  const mayBePlain = contentEncoding === undefined && refused.size === 0;
  if (mayBePlain && record.value !== null && rows.addPlain?.(record.value, source)) {
    rows.recordRead(source);
    return { bytes: payloadBytes, faults: noFaults };
  }
  const parsed = parsePayload(record.value, { contentEncoding, batches: rows.batches });
  const faults: Fault[] = [];
  if (!parsed.ok) faults.push(parsed.fault);
  else {
    for (const [index, item] of parsed.items.entries()) {
      const fault = refused.get(index);
      if (fault) faults.push(fault);
      else for (const found of rows.add(item, parsed.batched ? pointerTo('', index) : '', source)) faults.push(found);
    }
  }
  rows.recordRead(source);
  return { bytes: parsed.ok ? parsed.bytes : payloadBytes, faults };
}

/** Topic → what its items become. */
function rowsOf(topic: string, fenced: ReadonlySet<number>): TopicRows {
  switch (topic) {
    case topics.location:
      return new LocationRows(fenced);
    case topics.diagnostics:
      return new DiagnosticsRows();
    case topics.status:
      return new StatusRows();
    default:
      throw new TypeError(`Ingest does not read ${topic}`);
  }
}
