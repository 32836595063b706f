import type { Client } from 'pg';
import type { Finding } from './finding.js';
import { payloadHash } from './payload-hash.js';
import type { JournalItem, JournalVehicle } from './read-journal.js';
import { type LetterRow, readLatest, readRows, type StoredRow } from './stored-rows.js';

export interface ItemFindings {
  sent: number;
  acknowledged: number;
  stored: number;
  letters: number;
  /** Never acknowledged, although everything was well at the end. */
  unacknowledged: Finding[];
  /** Acknowledged, and neither stored nor a dead letter. */
  lost: Finding[];
  storedTwice: Finding[];
  /** Stored and never sent, or stored as something else than was sent; or a dead letter of what had no fault, or another one. */
  invented: Finding[];
  /** Vehicles whose latest position is not their newest valid fix, as it was sent. */
  wrongLatest: Finding[];
  /** An item whose first copy lies in the log before that of one which its vehicle sent earlier. */
  outOfOrder: Finding[];
}

/** What is wrong about an item that is to become a dead letter. */
const FAULT_OF_ITEMS = 'invalid_field';

interface Trace {
  rows: number;
  letters: number;
  /** Of its first copy. */
  offset: number;
}

/** Holds every item of the journal against locations, diagnostics and dead letters. */
export async function judgeItems(vehicles: readonly JournalVehicle[], database: Client): Promise<ItemFindings> {
  const findings: ItemFindings = {
    ...{ sent: 0, acknowledged: 0, stored: 0, letters: 0 },
    ...{ unacknowledged: [], lost: [], storedTwice: [], invented: [], wrongLatest: [], outOfOrder: [] },
  };
  const byId = new Map(vehicles.map((vehicle) => [vehicle.vehicleId, vehicle]));
  const traces = new Map(vehicles.map((vehicle): [JournalVehicle, Trace[]] => [vehicle, []]));
  const poisonFound = new Map<string, number>();
  const traceOf = (vehicle: JournalVehicle, sequence: number, offset: number): Trace => {
    const all = traces.get(vehicle) ?? [];
    const trace = all[sequence] ?? { rows: 0, letters: 0, offset };
    all[sequence] = trace;
    trace.offset = Math.min(trace.offset, offset);
    return trace;
  };

  const onRow = (row: StoredRow) => {
    findings.stored += 1;
    const vehicle = byId.get(row.vehicleId);
    const item = vehicle?.items[row.sequence];
    if (vehicle === undefined || item === undefined || !isAsSent(row, item)) {
      findings.invented.push({ what: `${row.vehicleId}/${row.sequence} of ${row.topic}` });
      return;
    }
    const trace = traceOf(vehicle, row.sequence, row.offset);
    trace.rows += 1;
    if (trace.rows > 1) findings.storedTwice.push(findingOf(vehicle, item));
  };
  const onLetter = (row: LetterRow) => {
    findings.letters += 1;
    const vehicle = byId.get(row.vehicleId ?? '');
    const hash = payloadHash(row.payload);
    const poison = vehicle?.poison.get(hash);
    if (poison && row.codes.includes(poison.fault)) {
      const name = `${vehicle?.vehicleId} ${hash}`;
      poisonFound.set(name, (poisonFound.get(name) ?? 0) + 1);
      return;
    }
    for (const sequence of faultySequences(row)) {
      const item = vehicle?.items[sequence];
      if (vehicle === undefined || item?.fate !== 'letter' || !row.codes.includes(FAULT_OF_ITEMS)) {
        findings.invented.push({ what: `dead letter ${row.vehicleId}/${sequence} (${row.codes.join(', ')})` });
      } else traceOf(vehicle, sequence, row.offset).letters += 1;
    }
  };
  await readRows(database, { onRow, onLetter });

  for (const [vehicle, found] of traces) {
    judgeVehicle(vehicle, found, findings);
    for (const [hash, { fault, acknowledged }] of vehicle.poison) {
      const letters = poisonFound.get(`${vehicle.vehicleId} ${hash}`) ?? 0;
      if (letters < acknowledged) findings.lost.push({ what: `${acknowledged - letters} of poison "${fault}" of ${vehicle.vehicleId}` });
    }
  }
  findings.wrongLatest.push(...(await wrongLatest(vehicles, database)));
  return findings;
}

function judgeVehicle(vehicle: JournalVehicle, traces: readonly Trace[], findings: ItemFindings): void {
  const lastOffset = { location: -1, diagnostics: -1 };
  for (const [sequence, item] of vehicle.items.entries()) {
    const trace = traces[sequence];
    findings.sent += 1;
    if (item.acknowledgedAt === undefined) findings.unacknowledged.push(findingOf(vehicle, item));
    else {
      findings.acknowledged += 1;
      const isSafe = item.fate === 'letter' ? trace?.letters : trace?.rows;
      if (!isSafe) findings.lost.push(findingOf(vehicle, item));
    }
    if (trace === undefined) continue;
    // Items of one message lie in one record.
    if (trace.offset < lastOffset[item.topic]) findings.outOfOrder.push(findingOf(vehicle, item));
    lastOffset[item.topic] = Math.max(lastOffset[item.topic], trace.offset);
  }
}

async function wrongLatest(vehicles: readonly JournalVehicle[], database: Client): Promise<Finding[]> {
  const latest = await readLatest(database);
  return vehicles.flatMap(({ vehicleId, items }) => {
    const fixes = items.filter(({ fate }) => fate === 'fix');
    if (fixes.length === 0) return [];
    const newest = fixes.reduce((most, { recordedAt }) => Math.max(most, recordedAt), 0);
    const row = latest.get(vehicleId);
    const shown = row === undefined ? undefined : items[row.sequence];
    // Of several of the same moment any may stand there.
    if (row !== undefined && shown?.fate === 'fix' && shown.recordedAt === newest && isAsSent(row, shown)) return [];
    return [{ what: `${vehicleId} shows ${row?.sequence} of ${row?.recordedAt}, its newest fix is of ${newest}` }];
  });
}

function isAsSent(row: Omit<StoredRow, 'offset'>, { topic, fate, recordedAt, latitude, longitude }: JournalItem): boolean {
  if (row.topic !== topic || row.recordedAt !== recordedAt || fate === 'letter') return false;
  if (fate === 'report') return row.latitude === latitude / 10_000;
  if (fate === 'blind') return row.latitude === null && row.longitude === null;
  return row.latitude === latitude / 10_000 && row.longitude === longitude / 10_000;
}

/** Sequence numbers of the items to which the errors point; a payload that cannot be read has none, and is invented under NaN. */
function faultySequences({ payload, pointers }: LetterRow): number[] {
  try {
    const body = JSON.parse(payload.toString()) as { sequence: number } | { sequence: number }[];
    if (!Array.isArray(body)) return [Number(body.sequence)];
    const places = new Set(pointers.map((pointer) => Number(pointer.split('/')[1])));
    return [...places].map((place) => Number(body[place]?.sequence));
  } catch {
    return [Number.NaN];
  }
}

function findingOf({ vehicleId }: JournalVehicle, { sequence, topic, acknowledgedAt }: JournalItem): Finding {
  return { what: `${vehicleId}/${sequence} of ${topic}`, ...(acknowledgedAt !== undefined && { at: acknowledgedAt }) };
}
