import { batteryVolts, type ConditionFact, type EmergencyEvent, emergencyOf, type FactPosition } from '@milepost/contracts';
import { type BoundStatement, type Statement, sql } from '@milepost/database';
import type { Report } from '../messages/diagnostics.js';
import type { Fix } from '../messages/location.js';
import { dtcName } from './dtc-name.js';
import type { Moment } from './newest.js';
import type { ItemSource } from './topic-rows.js';

const statements = { locations: sql('ingest/set-aside-locations'), diagnostics: sql('ingest/set-aside-diagnostics') } as const;

/** What alerts may come of, set aside from the items of a batch (decision 0018). Most items have nothing of it. */
export class ConditionFacts {
  readonly #statement: Statement;
  readonly #facts: SetAside[] = [];

  constructor(table: keyof typeof statements) {
    this.#statement = statements[table];
  }

  get count(): number {
    return this.#facts.length;
  }

  add(fact: ConditionFact, moment: Moment, source: ItemSource): void {
    this.#facts.push({ fact: JSON.stringify(fact), moment, source });
  }

  /** To be run before the history is written: items that it has already are passed over. */
  statements(): BoundStatement[] {
    if (this.count === 0) return [];
    const facts = this.#facts.toSorted(byArrival);
    const values = [
      facts.map(({ source }) => source.vehicle),
      facts.map(({ source }) => source.organisationId),
      facts.map(({ moment }) => moment.recordedAtMs),
      facts.map(({ moment }) => moment.identity),
      facts.map(({ source }) => source.receivedAtMs),
      facts.map(({ fact }) => fact),
    ];
    return [{ statement: this.#statement, values }];
  }
}

const none: readonly ConditionFact[] = [];

interface SetAside {
  fact: string;
  moment: Moment;
  source: ItemSource;
}

/** Messages in the order in which they came, the items of one in their own. */
function byArrival(a: SetAside, b: SetAside): number {
  if (a.source.offset !== b.source.offset) return a.source.offset < b.source.offset ? -1 : 1;
  return a.moment.recordedAtMs - b.moment.recordedAtMs;
}

/** What of a fix an alert may come of. @param isFenced whether its organisation has geofences */
export function factsOfFix({ fields, fixValid, clockSuspect }: Fix, isFenced: boolean): readonly ConditionFact[] {
  // Nearly all of them, and ingest has no time for them.
  if (!isFenced && fields.events === undefined) return none;
  const facts: ConditionFact[] = [];
  const position = fixValid ? positionOf(fields) : undefined;
  const events = (fields.events ?? []).flatMap(({ name, severity }): EmergencyEvent[] => {
    const type = emergencyOf(name);
    return type === undefined ? [] : [{ type, name, ...(severity !== undefined && { severity }) }];
  });
  // A clock that is wrong does not silence a call for help.
  if (events.length > 0) facts.push({ kind: 'emergency', events, ...(position && { position }), ...(clockSuspect && { clockSuspect }) });
  if (isFenced && position !== undefined && !clockSuspect) facts.push({ kind: 'fix', ...position });
  return facts;
}

/** What of a report an alert may come of. Of a code that it names twice the last mention counts. */
export function factOfReport({ fields, clockSuspect }: Report): ConditionFact | undefined {
  if (clockSuspect) return undefined;
  const volts = batteryVolts(fields.signals ?? {});
  const mentions = new Map((fields.dtcs ?? []).map((item) => [dtcName(item), item.status]));
  if (volts === undefined && mentions.size === 0) return undefined;
  return {
    kind: 'report',
    ...(volts !== undefined && { volts }),
    ...(mentions.size > 0 && { dtcs: [...mentions].map(([code, status]) => ({ code, status })) }),
  };
}

function positionOf({ latitude, longitude, accuracyM }: Fix['fields']): FactPosition | undefined {
  if (latitude === undefined || longitude === undefined) return undefined;
  return { latitude, longitude, ...(accuracyM !== undefined && { accuracyM }) };
}
