import { withTransaction } from '@milepost/database';
import type { LogRecord } from '@milepost/kafka';
import type { Effect, IncidentLimits, PartitionClock, Policies, RecordedBatch } from '@milepost/presence';
import { noFacts, PresencePartition } from '@milepost/presence';
import type { Logger } from '@milepost/runtime';
import type { Pool, PoolClient } from 'pg';
import { setAsideCertificates } from '../conditions/set-aside-certificates.js';
import { applyEffects } from '../lifecycle/apply-effects.js';
import type { AlertsMetrics } from '../metrics.js';
import { saveConnectionAttempts } from '../store/attempts.js';
import { saveBatch } from '../store/batch-history.js';
import type { Place } from '../store/facts.js';
import { loadPartition, saveChanges } from '../store/partition-store.js';
import type { Positions } from '../store/positions.js';
import { savePresenceHistory } from '../store/presence-history.js';
import { saveQuietStep } from '../store/quiet-step.js';
import { isSnapshotDue, type RecordedTo, recordedTo, takeSnapshotIfDue } from '../store/snapshots.js';
import { judgeDue } from './judge-due.js';
import type { ReadBatch } from './read-events.js';
import { tellApplied, tellIncidentChange, tellSnapshot } from './tell-step.js';

export interface PartitionWriterOptions {
  /** Of the partitions held now; for whoever else looks at them. */
  states: Map<number, Held>;
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
  /** When Kafka said that the log ends behind these records (`performance.now()`); absent where it said that it goes on. */
  endedAtMs?: number;
  isStale(): boolean;
}

export type WriteOutcome = 'written' | 'fenced' | 'stale';

/** Of a batch's first record, and behind its last. */
interface Offsets {
  first: bigint;
  next: bigint;
}

/** Thrown inside a transaction so that it is rolled back. */
class RolledBack extends Error {
  constructor(readonly outcome: 'fenced' | 'stale') {
    super(`rolled back: ${outcome}`);
  }
}

/** A partition's state between two batches, and where its record stands. */
export interface Held extends RecordedTo {
  presence: PresencePartition;
  /** It has incidents to look after: opened from it and not over. */
  tendsIncidents: boolean;
  /** Of those that were due behind the last batch. */
  deadlinesHeld: number;
}

/** A batch that its partition's state has taken, and that no table knows of yet. */
interface Step {
  /** As it was before; its `presence` is the state behind the batch. */
  held: Held;
  /** The state was read from the tables for it. */
  loaded: boolean;
  policies: Policies;
  effects: Effect[];
}

/** Applies batches to their partitions, each in one fenced transaction. States are kept between batches, and dropped when a transaction fails. */
export class PartitionWriter {
  readonly #options: PartitionWriterOptions;
  readonly #states: Map<number, Held>;

  constructor(options: PartitionWriterOptions) {
    this.#options = options;
    this.#states = options.states;
  }

  /** Partitions may be another's now: what is known of them is read anew when they come back. */
  dropAll(): void {
    this.#states.clear();
  }

  async write(request: WriteRequest): Promise<WriteOutcome> {
    const { pool, positions, metrics } = this.#options;
    const { partition, records } = request;
    const first = records[0];
    const last = records.at(-1);
    if (first === undefined || last === undefined) return 'written';
    // Of a generation that is over: the state that is held may be the next one's, and is not to see this batch.
    if (request.isStale()) return 'stale';
    const offsets = { first: first.offset, next: last.offset + 1n };
    const told: (() => void)[] = [];
    try {
      const held = this.#states.get(partition);
      const step = held && this.#take(held, request, false);
      const isQuiet = step !== undefined && this.#isQuiet(step, request);
      const state = isQuiet
        ? await this.#saveQuietly(step, request, offsets)
        : await withTransaction(pool, (client) => this.#save(client, step, request, offsets, told));
      metrics.steps.inc({ kind: isQuiet ? 'quiet' : 'judged' });
      // Of a generation that is over: the next one's batch begins where it asked, and is to find that the position went on.
      if (!request.isStale()) {
        positions.moveTo(partition, offsets.next);
        this.#states.set(partition, state);
      }
      for (const tell of told) tell();
      return 'written';
    } catch (error) {
      // It has changed already: what the tables say is read anew.
      this.#states.delete(partition);
      if (error instanceof RolledBack) return error.outcome;
      throw error;
    }
  }

  #take(held: Held, { events }: WriteRequest, loaded: boolean): Step {
    const { presence } = held;
    const policies = this.#options.policies();
    if (loaded || presence.policyVersion !== policies.version) presence.usePolicies(policies);
    return { held, loaded, policies, effects: events.flatMap((event) => presence.apply(event)) };
  }

  /** As nearly all are where vehicles neither come nor go: leases, and nothing that they make due. */
  #isQuiet({ held, effects }: Step, { partition, attempts, certificates }: WriteRequest): boolean {
    const { presence, tendsIncidents, snapshotAtMs } = held;
    const { logTimeMs } = presence.clock;
    if (logTimeMs === undefined || isSnapshotDue(logTimeMs, snapshotAtMs, this.#placeOf(partition))) return false;
    if (tendsIncidents || presence.incidents().length > 0) return false;
    return presence.isQuiet && effects.length + attempts.length + certificates.length === 0;
  }

  async #saveQuietly({ held, policies }: Step, { partition, events, endedAtMs }: WriteRequest, offsets: Offsets): Promise<Held> {
    const { pool, positions } = this.#options;
    const { presence, batchId: previousId } = held;
    const batch = recordOf(presence, { partition, loaded: false, policyVersion: policies.version, events, due: 0, facts: noFacts });
    const fence = positions.fenceOf(partition, offsets.first);
    const batchId = await saveQuietStep(pool, {
      fence,
      nextOffset: offsets.next,
      clock: presence.clock,
      batch,
      previousId,
      endedMs: agoMs(endedAtMs),
    });
    if (batchId === undefined) throw new RolledBack('fenced');
    return { ...held, batchId, deadlinesHeld: 0 };
  }

  async #save(client: PoolClient, taken: Step | undefined, request: WriteRequest, offsets: Offsets, told: (() => void)[]): Promise<Held> {
    const { positions, stormMinVehicles, incidentLimits } = this.#options;
    const { partition, events, attempts, certificates, endedAtMs, isStale } = request;
    const clock = await positions.lock(client, partition, offsets.first);
    if (clock === undefined) throw new RolledBack('fenced');
    const step = taken ?? this.#take(await this.#load(client, partition, clock), request, true);
    const { loaded, policies } = step;
    const { presence, batchId: previousId, snapshotAtMs } = step.held;
    const place = this.#placeOf(partition);
    const judged = await judgeDue({
      client,
      presence,
      place,
      policies,
      stormMinVehicles,
      incidentLimits,
      onIncidentOpened: (incident, vehicles) => told.push(() => tellIncidentChange('opened', incident, vehicles, this.#options)),
      onIncidentClosed: (incident) => told.push(() => tellIncidentChange('closed', incident, incident.vehicles, this.#options)),
    });
    await saveChanges(client, partition, presence.takeChanges());
    await saveConnectionAttempts(client, partition, attempts);
    await setAsideCertificates(client, certificates);
    const applied = await applyEffects(client, [...step.effects, ...judged.effects]);
    const transitions = presence.takeTransitions();
    await savePresenceHistory(client, partition, presence.takeRemembered(), presence);
    const { due, deadlinesHeld, facts, incidentsOpen } = judged;
    const batch = recordOf(presence, { partition, loaded, policyVersion: policies.version, events, due, facts });
    const batchId = await saveBatch(client, batch, previousId);
    const storm = { minimum: stormMinVehicles, limits: incidentLimits };
    const snapshot = await takeSnapshotIfDue(client, presence, snapshotAtMs, { place, batchId, storm });
    told.push(() => tellApplied(applied, transitions, this.#options));
    if (snapshot !== undefined) told.push(() => tellSnapshot(partition, snapshot, this.#options));
    await positions.advance(client, partition, offsets.next, presence.clock, agoMs(endedAtMs));
    if (isStale()) throw new RolledBack('stale');
    return { presence, batchId, snapshotAtMs: snapshot?.logTimeMs ?? snapshotAtMs, tendsIncidents: incidentsOpen > 0, deadlinesHeld };
  }

  async #load(client: PoolClient, partition: number, clock: PartitionClock): Promise<Held> {
    const presence = new PresencePartition(this.#options.policies(), await loadPartition(client, partition, clock));
    return { presence, ...(await recordedTo(client, this.#options.clusterId, partition)), tendsIncidents: true, deadlinesHeld: 0 };
  }

  #placeOf(partition: number): Place {
    const { clusterId, partitions } = this.#options;
    return { clusterId, partition, partitions };
  }
}

const agoMs = (atMs: number | undefined): number | undefined => atMs && performance.now() - atMs;

/** A batch as it is kept, with the partition's times behind it. */
function recordOf({ clock }: PresencePartition, batch: Omit<RecordedBatch, 'logTimeMs' | 'clockMs'>): RecordedBatch {
  const { clockMs, logTimeMs } = clock;
  return { ...batch, ...(logTimeMs !== undefined && { logTimeMs }), clockMs };
}
