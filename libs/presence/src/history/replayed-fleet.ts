import type { Effect } from '../effect.js';
import type { Policies } from '../policy/policies.js';
import type { PresencePartition, StoredPartition } from '../presence-partition.js';
import type { VehicleState } from '../state/vehicle-state.js';
import { consumedToMs } from '../storm/consumed-to.js';
import { MemoryStorm } from '../storm/memory-storm.js';
import type { StormSettings } from '../storm/storm-settings.js';
import { readyToBeJudged } from '../transitions/judge.js';
import { AlertLedger } from './alert-ledger.js';
import { type JudgedFacts, noFacts, type RecordedBatch } from './recorded-batch.js';
import { RecordedIncidents, type ReplayedIncident } from './recorded-incidents.js';
import { type Divergence, ReplayedPartition } from './replayed-partition.js';

/** What is asked of the world where the record does not say it, because others are due than were in reality. */
export interface World {
  /** As ingest had it at a log time. */
  reportsOf(
    vehicles: readonly VehicleState[],
    partition: number,
    logTimeMs: number,
  ): Promise<Pick<JudgedFacts, 'reports' | 'completeUntilMs'>>;
  /** Numbers of those that were last seen where others had lost contact. */
  inDeadZones(vehicles: readonly VehicleState[], logTimeMs: number): Promise<number[]>;
}

/** Other policies than those that held, from a log time on. */
export interface WhatIf {
  fromMs: number;
  policiesAt(version: number): Policies;
  storm: StormSettings;
  world: World;
}

export interface ReplayOptions {
  /** The snapshots, by partition. */
  partitions: readonly { stored: StoredPartition; policyVersion: number }[];
  policiesAt(version: number): Policies;
  /** Incidents that were open then. */
  incidents: readonly ReplayedIncident[];
  /** Without it everything is as it was. */
  whatIf?: WhatIf;
}

/**
 * All partitions of an installation, replayed from their snapshots by the machine that alerts runs. Up to `whatIf.fromMs` each batch is
 * judged by what was recorded with it, and must come to the same clock; behind it, by other policies and a storm guard over the replayed fleet.
 */
export class ReplayedFleet {
  readonly ledger = new AlertLedger();
  readonly #options: ReplayOptions;
  readonly #partitions: ReplayedPartition[];
  readonly #switched = new Set<number>();
  readonly #recorded: RecordedIncidents;
  /** Ids of vehicles by their numbers. */
  readonly #ids = new Map<number, string>();
  #storm: MemoryStorm | undefined;

  constructor(options: ReplayOptions) {
    this.#options = options;
    this.#partitions = options.partitions.map(
      ({ stored, policyVersion }) => new ReplayedPartition(stored, options.policiesAt(policyVersion)),
    );
    this.#recorded = new RecordedIncidents(options.incidents);
    for (const { presence } of this.#partitions) {
      for (const vehicle of presence.vehicles()) {
        this.ledger.seed(vehicle);
        this.#ids.set(vehicle.vehicle, vehicle.vehicleId);
      }
    }
  }

  /** Batches of each partition in their order. @returns where the replay left the record, after which it says nothing any more. */
  async apply(batch: RecordedBatch): Promise<Divergence | undefined> {
    const replayed = this.#partitions[batch.partition];
    if (replayed === undefined) throw new RangeError(`There is no partition ${batch.partition} in the snapshots`);
    for (const { record, owner } of batch.events) if (owner && 'vehicleId' in record) this.#ids.set(owner.vehicle, record.vehicleId);
    const { whatIf } = this.#options;
    if (whatIf === undefined || (batch.logTimeMs ?? 0) < whatIf.fromMs) return this.#asRecorded(replayed, batch);
    await this.#otherwise(replayed, batch, whatIf);
    return undefined;
  }

  /** Incidents with their members: as recorded, then as they would have been. */
  incidents(): ReplayedIncident[] {
    const { incidents = [] } = this.#storm ?? {};
    const taken = new Set(incidents.map(({ id }) => id));
    return [...this.#recorded.all().filter(({ id }) => !taken.has(id)), ...incidents];
  }

  #asRecorded(replayed: ReplayedPartition, batch: RecordedBatch): Divergence | undefined {
    const { effects, due } = replayed.begin(batch, this.#options.policiesAt(batch.policyVersion));
    this.#took([...effects, ...replayed.finish(due, batch.facts)]);
    this.#recorded.took(batch, (vehicle) => this.#ids.get(vehicle) ?? `#${vehicle}`);
    return replayed.divergence(batch, due.length);
  }

  async #otherwise(replayed: ReplayedPartition, batch: RecordedBatch, { policiesAt, storm: settings, world }: WhatIf): Promise<void> {
    const storm = this.#stormNow(settings);
    const isFirst = !this.#switched.has(batch.partition);
    this.#switched.add(batch.partition);
    const { effects, due } = replayed.begin(batch, policiesAt(batch.policyVersion), isFirst);
    this.#took(effects);
    const { presence } = replayed;
    const { clock } = presence;
    const logTimeMs = clock.logTimeMs ?? clock.clockMs;
    const consumed = consumedToMs(this.#presences(), presence);
    const ready = readyToBeJudged(due, consumed, clock);
    const members = new Map<string, number[]>();
    for (const { vehicle, suspect } of ready) {
      const incidentId = storm.incidentOf(vehicle, suspect, presence, batch.partition);
      if (incidentId !== undefined) members.set(incidentId, [...(members.get(incidentId) ?? []), vehicle.vehicle]);
    }
    const quiet = due.filter(({ silence }) => silence !== undefined && silence.dueAtMs <= clock.clockMs);
    const hinted = ready.map(({ vehicle }) => vehicle).filter((vehicle) => presence.wouldWaitInDeadZone(vehicle));
    const facts: JudgedFacts = {
      ...noFacts,
      ...(consumed !== undefined && { consumedToMs: consumed }),
      ...(quiet.length > 0 && (await world.reportsOf(quiet, batch.partition, logTimeMs))),
      deadZone: hinted.length > 0 ? await world.inDeadZones(hinted, logTimeMs) : [],
      spokenFor: due.filter(({ vehicleId }) => storm.speaksFor(vehicleId)).map(({ vehicle }) => vehicle),
      incidents: [...members],
    };
    this.#took(replayed.finish(due, facts));
    const over = storm.tend(presence, batch.partition);
    for (const incidentId of over) for (const one of this.#partitions) this.#took(one.finish([], { ...noFacts, closed: [incidentId] }));
  }

  /** The guard takes over what is open when the other policies begin; of a partition that comes to that time a moment later also what it opens until then. */
  #stormNow(settings: StormSettings): MemoryStorm {
    const storm = this.#storm ?? new MemoryStorm(() => this.#presences(), settings);
    if (this.#storm === undefined) for (const alert of this.ledger.open()) if (alert.type === 'offline') storm.opened(alert);
    this.#storm = storm;
    for (const incident of this.#recorded.all()) {
      if (!incident.closed && storm.incidents.every(({ id }) => id !== incident.id))
        storm.incidents.push({ ...incident, members: new Set(incident.members), adopted: new Set() });
    }
    return storm;
  }

  #took(effects: readonly Effect[]): void {
    this.ledger.took(effects);
    this.#storm?.took(effects);
  }

  #presences(): PresencePartition[] {
    return this.#partitions.map(({ presence }) => presence);
  }
}
