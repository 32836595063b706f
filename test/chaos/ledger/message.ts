/**
 * What must become of an item. `fix`: a row that may be the latest position. `suspect`: a row whose time lies too far ahead to be the latest.
 * `blind`: a row without a position. `report`: a row of diagnostics. `letter`: a dead letter.
 */
export type Fate = 'fix' | 'suspect' | 'blind' | 'report' | 'letter';

export interface Item {
  sequence: number;
  fate: Fate;
  recordedAt: number;
  /** In 1/10,000 of a degree. */
  latitude: number;
  longitude: number;
}

export type Kind = 'location' | 'diagnostics';

/** One publish: an item, or a few in an array. Sequence numbers of a vehicle run through all its messages. */
export interface Message {
  kind: Kind;
  items: readonly Item[];
  qos: 1 | 2;
}

/** Every so many messages one is … */
const EVERY = { qos2: 4, late: 11, wrong: 97, diagnostics: 23, blind: 31, batch: 41 };
const LATE_BY_MS = 3_600_000;
const BATCH = 3;
/** Further ahead of the broker's clock than this is stored and never the latest; nothing is sent that is near it. */
const SUSPECT_AHEAD_MS = 120_000;

/** The n-th message of a vehicle whose next sequence number is this. */
export function makeMessage(n: number, sequence: number, now: number, clockOffsetMs: number): Message {
  const is = (every: number) => n % every === every - 1;
  const kind: Kind = is(EVERY.diagnostics) ? 'diagnostics' : 'location';
  const recordedAt = now + clockOffsetMs - (is(EVERY.late) ? LATE_BY_MS : 0);
  const isBatch = kind === 'location' && is(EVERY.batch);
  const fateOf = (index: number): Fate => {
    if (isBatch ? index === 1 : is(EVERY.wrong)) return 'letter';
    if (kind === 'diagnostics') return 'report';
    if (is(EVERY.blind)) return 'blind';
    return recordedAt - now > SUSPECT_AHEAD_MS ? 'suspect' : 'fix';
  };
  const items = Array.from({ length: isBatch ? BATCH : 1 }, (_, index): Item => {
    const at = sequence + index;
    return {
      sequence: at,
      fate: fateOf(index),
      recordedAt: recordedAt + index,
      latitude: (at % 1_700_000) - 850_000,
      longitude: (n % 3_500_000) - 1_750_000,
    };
  });
  return { kind, items, qos: is(EVERY.qos2) ? 2 : 1 };
}

export function payloadOf({ kind, items }: Message): string {
  const bodies = items.map((item) => (kind === 'location' ? locationOf(item) : diagnosticsOf(item)));
  return JSON.stringify(bodies.length === 1 ? bodies[0] : bodies);
}

function locationOf({ sequence, fate, recordedAt, latitude, longitude }: Item) {
  const base = { recordedAt, sequence, speedKph: sequence % 130, headingDeg: sequence % 360, attributes: { ledger: true } };
  if (fate === 'blind') return { ...base, fixValid: false };
  return { ...base, latitude: fate === 'letter' ? 91 : latitude / 10_000, longitude: longitude / 10_000 };
}

function diagnosticsOf({ sequence, fate, recordedAt, latitude }: Item) {
  const base = { recordedAt, sequence, signals: { 'Vehicle.CurrentLocation.Latitude': latitude / 10_000 }, dtcs: [] };
  return fate === 'letter' ? { ...base, engineHours: -1 } : base;
}
