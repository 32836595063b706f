import type { PresenceRecord } from '@milepost/contracts';
import type { Claim, Registry } from '@milepost/database';
import type { LogRecord } from '@milepost/kafka';
import type { PresenceEvent } from '@milepost/presence';
import type { Logger } from '@milepost/runtime';
import { certificateOf, type ShownCertificate } from '../conditions/set-aside-certificates.js';
import type { AlertsMetrics } from '../metrics.js';
import type { Attempt } from '../store/attempts.js';
import { readRecord } from './read-record.js';

export interface ReadEventsOptions {
  registry: Registry;
  operatorOrganisation: string;
  logger: Logger;
  metrics: Pick<AlertsMetrics, 'records' | 'skipped'>;
}

/** A batch as the machine takes it. */
export interface ReadBatch {
  events: PresenceEvent[];
  attempts: Attempt[];
  certificates: ShownCertificate[];
}

export interface ReadEvents extends ReadBatch {
  /** Counts what was read and logs what was passed over: to be called once it is written, for it may be read again. */
  tell(): void;
}

type Holder = Extract<PresenceRecord, { vehicleId: string }>;

/** Parses records and asks the registry whose vehicles they speak of. What does not belong is passed over. */
export async function readEvents(records: readonly LogRecord[], options: ReadEventsOptions): Promise<ReadEvents> {
  const { metrics } = options;
  const told: (() => void)[] = [];
  const parsed: { log: LogRecord; record: PresenceRecord }[] = [];
  for (const log of records) {
    const read = readRecord(log);
    if (read.ok) parsed.push({ log, record: read.record });
    else told.push(() => tellMalformed(log, read.error, options));
  }
  const owners = await ownersOf(
    parsed.map(({ record }) => record),
    options,
    told,
  );
  const organisations = await options.registry.organisations(parsed.flatMap(({ record }) => organisationOf(record, options)));

  const tell = () => {
    for (const { record } of parsed) metrics.records.inc({ kind: record.kind });
    for (const one of told) one();
  };
  const batch: ReadEvents = { events: [], attempts: [], certificates: [], tell };
  for (const { log, record } of parsed) {
    const place = { offset: Number(log.offset), atMs: log.timestampMs };
    if (record.kind === 'refused') {
      const organisationId = organisations.get(record.organisation ?? options.operatorOrganisation);
      if (organisationId === undefined) throw new TypeError('There is an organisation for every refused attempt');
      batch.attempts.push({ offset: place.offset, organisationId, refused: record });
      batch.events.push({ record, organisationId, ...place });
    } else if (!isHolder(record)) batch.events.push({ record, ...place });
    else {
      const owner = owners.get(record);
      if (owner === undefined) continue;
      batch.events.push({ record, owner, ...place });
      const shown = record.kind === 'connected' ? certificateOf(record, owner, place.atMs) : undefined;
      if (shown !== undefined) batch.certificates.push(shown);
    }
  }
  return batch;
}

async function ownersOf(records: PresenceRecord[], options: ReadEventsOptions, told: (() => void)[]) {
  const { registry } = options;
  const holders = records.filter(isHolder);
  const resolutions = await registry.resolve(holders.map(({ vehicleId, organisation }): Claim => ({ vehicleId, organisation })));
  const owners = new Map<PresenceRecord, NonNullable<PresenceEvent['owner']>>();
  holders.forEach((record, index) => {
    const resolution = resolutions[index];
    if (resolution?.kind === 'bound') {
      owners.set(record, { vehicle: resolution.vehicle, organisationId: resolution.organisationId });
      return;
    }
    told.push(() => tellNotBound(record, resolution?.kind ?? 'refused', options));
  });
  return owners;
}

function tellMalformed({ partition, offset }: LogRecord, error: string, { logger, metrics }: ReadEventsOptions): void {
  metrics.skipped.inc({ reason: 'malformed' });
  logger.error(
    { event: 'alerts.record.malformed', partition, offset: String(offset), error },
    'A presence record cannot be read; passed over',
  );
}

function tellNotBound({ kind, vehicleId, organisation }: Holder, reason: string, { logger, metrics }: ReadEventsOptions): void {
  metrics.skipped.inc({ reason });
  logger.warn(
    { event: 'alerts.record.not-bound', kind, vehicleId, organisation, reason },
    'The registry binds this vehicle otherwise; its presence is not changed',
  );
}

function organisationOf(record: PresenceRecord, { operatorOrganisation }: ReadEventsOptions): string[] {
  return record.kind === 'refused' ? [record.organisation ?? operatorOrganisation] : [];
}

function isHolder(record: PresenceRecord): record is Holder {
  return record.kind === 'connected' || record.kind === 'disconnected' || record.kind === 'will';
}
