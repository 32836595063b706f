import type { DtcItem } from '@milepost/contracts';
import { type BoundStatement, sql } from '@milepost/database';
import { type Report, readDiagnostics } from '../messages/diagnostics.js';
import { ConditionFacts, factOfReport } from './condition-facts.js';
import { Contacts } from './contacts.js';
import { dtcName } from './dtc-name.js';
import { isNewer, type Moment } from './newest.js';
import { dayOf, type ItemSource, noFaults, type RowsContext, type TopicRows } from './topic-rows.js';

const insertDiagnostics = sql('ingest/insert-diagnostics');
const upsertLatestSignals = sql('ingest/upsert-latest-signals');
const upsertDtcStates = sql('ingest/upsert-dtc-states');
const upsertContacts = sql('ingest/upsert-contacts');

interface SignalState extends Moment {
  vehicle: number;
  organisationId: number;
  name: string;
  value: unknown;
}

interface DtcState extends Moment {
  vehicle: number;
  organisationId: number;
  dtc: string;
  item: DtcItem;
  firstSeenAtMs: number;
}

/** Reports → diagnostics, latest_signals, dtc_states, latest_positions (contact alone). */
export class DiagnosticsRows implements TopicRows {
  readonly batches = false;
  readonly table = 'diagnostics';
  readonly days = new Set<number>();
  readonly #contacts = new Contacts();
  readonly #conditions = new ConditionFacts('diagnostics');
  readonly #signals = new Map<string, SignalState>();
  readonly #dtcs = new Map<string, DtcState>();
  readonly #reports: Report[] = [];
  readonly #sources: ItemSource[] = [];

  get count(): number {
    return this.#reports.length;
  }

  get weight(): number {
    return this.count + this.#signals.size + this.#dtcs.size + this.#conditions.count;
  }

  get vehicles(): Iterable<number> {
    return this.#contacts.vehicles;
  }

  add(sent: unknown, pointer: string, source: ItemSource) {
    const reading = readDiagnostics(sent, pointer, source);
    if (!reading.ok) return reading.faults;
    const report = reading.item;
    this.#reports.push(report);
    this.#sources.push(source);
    this.days.add(dayOf(report.recordedAtMs));
    this.#contacts.itemRead(report.recordedAtMs);
    if (!report.clockSuspect) this.#derive(report, source);
    const fact = factOfReport(report);
    if (fact !== undefined) this.#conditions.add(fact, report, source);
    return noFaults;
  }

  recordRead(source: ItemSource): void {
    this.#contacts.recordRead(source);
  }

  /** What is newest, within the batch; the statements hold it against what is stored, by the same rule. */
  #derive({ fields, recordedAtMs, identity }: Report, { vehicle, organisationId }: ItemSource): void {
    const moment = { recordedAtMs, identity };
    for (const [name, value] of Object.entries(fields.signals ?? {})) {
      const key = `${vehicle}\0${name}`;
      if (isNewer(moment, this.#signals.get(key))) this.#signals.set(key, { ...moment, vehicle, organisationId, name, value });
    }
    // Of a code that a report names twice the last mention counts.
    for (const [dtc, item] of new Map((fields.dtcs ?? []).map((mention) => [dtcName(mention), mention]))) {
      const key = `${vehicle}\0${dtc}`;
      const state = this.#dtcs.get(key);
      const firstSeenAtMs = Math.min(recordedAtMs, state?.firstSeenAtMs ?? recordedAtMs);
      if (isNewer(moment, state)) this.#dtcs.set(key, { ...moment, vehicle, organisationId, dtc, item, firstSeenAtMs });
      else if (state) state.firstSeenAtMs = firstSeenAtMs;
    }
  }

  conditions(): BoundStatement[] {
    return this.#conditions.statements();
  }

  statements({ partition, feedEpoch }: RowsContext): BoundStatement[] {
    const reports = this.#reports;
    const sources = this.#sources;
    const signals = [...this.#signals.values()];
    const dtcs = [...this.#dtcs.values()];
    const contacts = this.#contacts.all;
    return [
      {
        statement: insertDiagnostics,
        values: [
          sources.map(({ vehicle }) => vehicle),
          sources.map(({ organisationId }) => organisationId),
          reports.map(({ recordedAtMs }) => recordedAtMs),
          reports.map(({ identity }) => identity),
          sources.map(({ receivedAtMs }) => receivedAtMs),
          reports.map(({ clockSuspect }) => clockSuspect),
          reports.map(({ fields }) => fields.sequence ?? null),
          reports.map(({ fields }) => JSON.stringify(fields.signals ?? {})),
          reports.map(({ fields }) => JSON.stringify(fields.dtcs ?? [])),
          reports.map(({ fields }) => fields.odometerKm ?? null),
          reports.map(({ fields }) => fields.engineHours ?? null),
          reports.map(({ attributes }) => attributes),
          sources.map(({ offset }) => offset),
          partition,
          feedEpoch,
        ],
      },
      {
        statement: upsertLatestSignals,
        values: [
          signals.map(({ vehicle }) => vehicle),
          signals.map(({ organisationId }) => organisationId),
          signals.map(({ name }) => name),
          signals.map(({ value }) => JSON.stringify(value)),
          signals.map(({ recordedAtMs }) => recordedAtMs),
          signals.map(({ identity }) => identity),
        ],
      },
      {
        statement: upsertDtcStates,
        values: [
          dtcs.map(({ vehicle }) => vehicle),
          dtcs.map(({ organisationId }) => organisationId),
          dtcs.map(({ dtc }) => dtc),
          dtcs.map(({ item }) => ('code' in item ? item.code : null)),
          dtcs.map(({ item }) => ('spn' in item ? item.spn : null)),
          dtcs.map(({ item }) => ('spn' in item ? item.fmi : null)),
          dtcs.map(({ item }) => ('spn' in item ? (item.oc ?? null) : null)),
          dtcs.map(({ item }) => item.status),
          dtcs.map(({ firstSeenAtMs }) => firstSeenAtMs),
          dtcs.map(({ recordedAtMs }) => recordedAtMs),
          dtcs.map(({ identity }) => identity),
        ],
      },
      {
        statement: upsertContacts,
        values: [
          contacts.map(({ vehicle }) => vehicle),
          contacts.map(({ organisationId }) => organisationId),
          contacts.map(({ receivedAtMs }) => receivedAtMs),
          contacts.map(({ clockOffsetMs }) => clockOffsetMs),
          true,
        ],
      },
    ];
  }
}
