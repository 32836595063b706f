import { type BoundStatement, sql } from '@milepost/database';
import { readStatus, type StatusReport } from '../messages/status.js';
import { Contacts } from './contacts.js';
import { dayOf, type ItemSource, noFaults, type RowsContext, type TopicRows } from './topic-rows.js';

const insertStatusReports = sql('ingest/insert-status-reports');
const upsertLatestStatus = sql('ingest/upsert-latest-status');
const upsertContacts = sql('ingest/upsert-contacts');

interface StatusRow extends StatusReport {
  source: ItemSource;
}

/** Status messages → status_reports, and the last status of each vehicle. History alone: presence is not concerned. */
export class StatusRows implements TopicRows {
  readonly batches = false;
  readonly table = 'status_reports';
  readonly days = new Set<number>();
  readonly #contacts = new Contacts();
  readonly #rows: StatusRow[] = [];
  readonly #latest = new Map<number, StatusRow>();

  get count(): number {
    return this.#rows.length;
  }

  get weight(): number {
    return this.count;
  }

  get vehicles(): Iterable<number> {
    return this.#contacts.vehicles;
  }

  add(sent: unknown, pointer: string, source: ItemSource) {
    const reading = readStatus(sent, pointer, source);
    if (!reading.ok) return reading.faults;
    const row = { ...reading.item, source };
    this.#rows.push(row);
    this.days.add(dayOf(source.receivedAtMs));
    // Offsets ascend within a batch: at the same time the later record counts.
    const latest = this.#latest.get(source.vehicle);
    if (latest === undefined || source.receivedAtMs >= latest.source.receivedAtMs) this.#latest.set(source.vehicle, row);
    return noFaults;
  }

  recordRead(source: ItemSource): void {
    this.#contacts.recordRead(source);
  }

  conditions(): BoundStatement[] {
    return [];
  }

  statements({ partition, feedEpoch }: RowsContext): BoundStatement[] {
    const latest = [...this.#latest.values()];
    const contacts = this.#contacts.all;
    const columns = (rows: readonly StatusRow[]) => ({
      vehicle: rows.map(({ source }) => source.vehicle),
      organisation: rows.map(({ source }) => source.organisationId),
      receivedAt: rows.map(({ source }) => source.receivedAtMs),
      status: rows.map(({ fields }) => fields.status),
      reason: rows.map(({ fields }) => fields.reason ?? null),
      attributes: rows.map(({ attributes }) => attributes),
      offset: rows.map(({ source }) => source.offset),
    });
    const { attributes: _, ...last } = columns(latest);
    return [
      { statement: insertStatusReports, values: [...Object.values(columns(this.#rows)), partition, feedEpoch] },
      { statement: upsertLatestStatus, values: [...Object.values(last), partition] },
      {
        statement: upsertContacts,
        values: [
          contacts.map(({ vehicle }) => vehicle),
          contacts.map(({ organisationId }) => organisationId),
          contacts.map(({ receivedAtMs }) => receivedAtMs),
          contacts.map(() => null),
          false,
        ],
      },
    ];
  }
}
