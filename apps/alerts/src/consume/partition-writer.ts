import { withTransaction } from '@milepost/database';
import type { LogRecord } from '@milepost/kafka';
import type { IncidentLimits, Policies, RecordedBatch } from '@milepost/presence';
import { PresencePartition, type Transition } from '@milepost/presence';
import type { Logger } from '@milepost/runtime';
import type { Pool, PoolClient } from 'pg';
import { setAsideCertificates } from '../conditions/set-aside-certificates.js';
import { type Applied, applyEffects } from '../lifecycle/apply-effects.js';
import type { AlertsMetrics } from '../metrics.js';
import { saveConnectionAttempts } from '../store/attempts.js';
import { saveBatch } from '../store/batch-history.js';
import { loadPartition, saveChanges } from '../store/partition-store.js';
import type { Positions } from '../store/positions.js';
import { savePresenceHistory } from '../store/presence-history.js';
import { type RecordedTo, recordedTo, type SnapshotTaken, takeSnapshotIfDue } from '../store/snapshots.js';
import { judgeDue } from './judge-due.js';
import type { ReadBatch } from './read-events.js';

export interface PartitionWriterOptions {
  pool: Pool;
  positions: Positions;
  clusterId: string;
  /** Of the presence topic. */
  partitions: number;
  /** As they are now; a batch is judged by one version of them. */
  policies(): Policies;
  stormMinVehicles: number;
  incidentLimits: IncidentLimits;
  logger: Logger;
  metrics: AlertsMetrics;
}

/** Consecutive records of one partition, read and bound to their vehicles. */
export interface WriteRequest extends ReadBatch {
  partition: number;
  records: readonly LogRecord[];
  isStale(): boolean;
}

export type WriteOutcome = 'written' | 'fenced' | 'stale';

/** Thrown inside a transaction so that it is rolled back. */
class RolledBack extends Error {
  constructor(readonly outcome: 'fenced' | 'stale') {
    super(`rolled back: ${outcome}`);
  }
}

/** A partition's state between two batches, and where its record stands. */
export interface Held extends RecordedTo {
  presence: PresencePartition;
}

/** Applies batches to their partitions, each in one fenced transaction. States are kept between batches, and dropped when a transaction fails. */
export class PartitionWriter {
  readonly #options: PartitionWriterOptions;
  readonly #states = new Map<number, Held>();

  constructor(options: PartitionWriterOptions) {
    this.#options = options;
  }

  states(): ReadonlyMap<number, Held> {
    return this.#states;
  }

  /** Partitions may be another's now: what is known of them is read anew when they come back. */
  dropAll(): void {
    this.#states.clear();
  }

  async write(request: WriteRequest): Promise<WriteOutcome> {
    const { pool, positions } = this.#options;
    const { partition, records } = request;
    const first = records[0];
    const last = records.at(-1);
    if (first === undefined || last === undefined) return 'written';
    const nextOffset = last.offset + 1n;
    const told: (() => void)[] = [];
    try {
      const offsets = { first: first.offset, next: nextOffset };
      const state = await withTransaction(pool, (client) => this.#apply(client, request, offsets, told));
      positions.moveTo(partition, nextOffset);
      if (!request.isStale()) this.#states.set(partition, state);
      for (const tell of told) tell();
      return 'written';
    } catch (error) {
      // It may have changed already: what the tables say is read anew.
      this.#states.delete(partition);
      if (error instanceof RolledBack) return error.outcome;
      throw error;
    }
  }

  async #apply(
    client: PoolClient,
    { partition, events, attempts, certificates, isStale }: WriteRequest,
    offsets: { first: bigint; next: bigint },
    told: (() => void)[],
  ): Promise<Held> {
    const { positions, policies, metrics, clusterId, partitions, stormMinVehicles, incidentLimits } = this.#options;
    const clock = await positions.lock(client, partition, offsets.first);
    if (clock === undefined) throw new RolledBack('fenced');
    const held = this.#states.get(partition);
    const book = policies();
    const presence = held?.presence ?? new PresencePartition(book, await loadPartition(client, partition, clock));
    const { batchId: previousId, snapshotAtMs } = held ?? (await recordedTo(client, clusterId, partition));
    if (held === undefined || presence.policyVersion !== book.version) presence.usePolicies(book);

    const effects = events.flatMap((event) => presence.apply(event));
    const judged = await judgeDue({
      client,
      presence,
      place: { clusterId, partition, partitions },
      policies: book,
      stormMinVehicles,
      incidentLimits,
      metrics,
      onIncidentOpened: ({ id, scope, node }, vehicles) => told.push(() => this.#tellIncident('opened', id, scope, node, vehicles)),
      onIncidentClosed: ({ id, scope, node, vehicles }) => told.push(() => this.#tellIncident('closed', id, scope, node, vehicles)),
    });
    await saveChanges(client, partition, presence.takeChanges());
    await saveConnectionAttempts(client, partition, attempts);
    await setAsideCertificates(client, certificates);
    const applied = await applyEffects(client, [...effects, ...judged.effects]);
    const transitions = presence.takeTransitions();
    await savePresenceHistory(client, partition, presence.takeRemembered(), presence);
    const { clockMs, logTimeMs } = presence.clock;
    const batch: RecordedBatch = {
      partition,
      loaded: held === undefined,
      policyVersion: book.version,
      events,
      due: judged.due,
      facts: judged.facts,
      ...(logTimeMs !== undefined && { logTimeMs }),
      clockMs,
    };
    const batchId = await saveBatch(client, batch, previousId);
    const taken = await takeSnapshotIfDue(client, presence, snapshotAtMs, {
      place: { clusterId, partition, partitions },
      batchId,
      storm: { minimum: stormMinVehicles, limits: incidentLimits },
    });
    told.push(() => this.#tell(applied, transitions));
    if (taken !== undefined) told.push(() => this.#tellSnapshot(partition, taken));
    await positions.advance(client, partition, offsets.next, presence.clock);
    if (isStale()) throw new RolledBack('stale');
    return { presence, batchId, snapshotAtMs: taken?.logTimeMs ?? snapshotAtMs };
  }

  #tellSnapshot(partition: number, { logTimeMs, vehicles, bytes }: SnapshotTaken): void {
    const logTime = new Date(logTimeMs).toISOString();
    this.#options.logger.info(
      { event: 'alerts.snapshot.taken', partition, logTime, vehicles, bytes },
      "A partition's state was kept; backtests can begin there",
    );
  }

  #tell({ opened, resolved }: Applied, transitions: Transition[]): void {
    const { logger, metrics } = this.#options;
    for (const { from, to } of transitions) metrics.transitions.inc({ from, to });
    for (const { row, vehicleId, latenessMs } of opened) {
      metrics.opened.inc({ type: row.type });
      if (row.type === 'offline') metrics.lateness.observe(latenessMs / 1_000);
      const { id: alertId, type, cause } = row;
      logger.info({ event: 'alerts.alert.opened', alertId, type, vehicleId, cause, latenessMs }, 'An alert was opened');
    }
    for (const { row, vehicleId } of resolved) {
      metrics.resolved.inc({ type: row.type });
      const { id: alertId, type, outage_seconds: outageSeconds } = row;
      logger.info({ event: 'alerts.alert.resolved', alertId, type, vehicleId, outageSeconds }, 'An alert was resolved');
    }
  }

  #tellIncident(change: 'opened' | 'closed', incidentId: string, scope: string, node: string | null, vehicles: number): void {
    const { logger, metrics } = this.#options;
    metrics.incidents.inc({ change, scope });
    logger.warn({ event: `alerts.incident.${change}`, incidentId, scope, node, vehicles }, `An incident was ${change}`);
  }
}
