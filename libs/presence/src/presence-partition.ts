import type { Lease } from '@milepost/contracts';
import { momentOf } from './clock/moment.js';
import { followSetBack, type PartitionClock, stepClock, unsetClock } from './clock/partition-clock.js';
import { readAnnouncement, readLease, type Writer, writerKey } from './clock/writers.js';
import type { Effect } from './effect.js';
import type { MachineConnected, MachineRecord } from './machine-record.js';
import { rearmNotices, tellDue, withNotices } from './notices/tell.js';
import type { Policies } from './policy/policies.js';
import { rearm } from './policy/rearm.js';
import { type ClosedConnection, ClosedConnections } from './state/closed-connections.js';
import type { ConnectedCount } from './state/connected-counts.js';
import { announcedWill } from './state/connection.js';
import { isRemembered } from './state/remembered.js';
import { VehicleIndex } from './state/vehicle-index.js';
import { newVehicle, type Stepped, type VehicleState } from './state/vehicle-state.js';
import { connect } from './transitions/connect.js';
import { disconnect, type End } from './transitions/disconnect.js';
import { refuseTakeOver } from './transitions/identity-conflict.js';
import { type Facts, judge, leaveIncident, wouldWaitInDeadZone } from './transitions/judge.js';
import { settle } from './transitions/prove.js';
import { publishWill } from './transitions/will.js';

/** Deadlines judged behind one batch; the next, at most two seconds later, takes the rest. */
export const maxJudgedAtOnce = 10_000;

/** A record at its place in the log. */
export interface PresenceEvent {
  record: MachineRecord;
  /** What the registry binds its vehicle to; leases and refused attempts have none. */
  owner?: Pick<VehicleState, 'vehicle' | 'organisationId'>;
  /** Of a refused attempt. */
  organisationId?: number;
  offset: number;
  /** LogAppendTime. */
  atMs: number;
}

/** As it was stored. */
export interface StoredPartition {
  clock: PartitionClock;
  vehicles: Iterable<VehicleState>;
  closed: Iterable<Pick<ClosedConnection, 'id' | 'atMs'>>;
}

/** What has changed since the last time that it was asked for. */
export interface Changes {
  vehicles: VehicleState[];
  closed: ClosedConnection[];
  /** All of them at the first time. */
  connected: ConnectedCount[];
}

export interface Transition {
  vehicleId: string;
  from: VehicleState['presence']['kind'];
  to: VehicleState['presence']['kind'];
}

/** A vehicle that changed, and what it was when that was last asked. */
export interface Remembered {
  vehicle: VehicleState;
  from: VehicleState['presence']['kind'];
}

/**
 * Everything about the vehicles of one presence partition: (state, event) → effects. No I/O, and no time but that of the records.
 * Vehicles are values that each step replaces.
 */
export class PresencePartition {
  #clock: PartitionClock;
  #policies: Policies;
  readonly #vehicles = new VehicleIndex();
  readonly #closed = new ClosedConnections();
  readonly #changed = new Set<string>();
  #closedSince: ClosedConnection[] = [];
  #transitions: Transition[] = [];
  readonly #remembered = new Map<string, VehicleState['presence']['kind']>();

  constructor(policies: Policies, stored: StoredPartition = { clock: unsetClock, vehicles: [], closed: [] }) {
    this.#policies = policies;
    this.#clock = stored.clock;
    for (const vehicle of stored.vehicles) this.#vehicles.put(vehicle);
    for (const { id, atMs } of stored.closed) this.#closed.add(id, atMs);
  }

  get clock(): PartitionClock {
    return this.#clock;
  }

  get deadlines(): number {
    return this.#vehicles.deadlines;
  }

  vehicle(vehicleId: string): VehicleState | undefined {
    return this.#vehicles.get(vehicleId);
  }

  vehicles(): IterableIterator<VehicleState> {
    return this.#vehicles.all();
  }

  /** Suspect or offline. */
  away(): VehicleState[] {
    return this.#vehicles.away();
  }

  /** Ids of ended connections that are remembered, in the order in which they ended. */
  closedConnections(): Iterable<Pick<ClosedConnection, 'id' | 'atMs'>> {
    return this.#closed.all();
  }

  /** Incidents that have members here. */
  incidents(): string[] {
    return this.#vehicles.incidents();
  }

  apply({ record, owner, organisationId, offset, atMs }: PresenceEvent): Effect[] {
    if (record.kind === 'lease') return this.#readLease(record, atMs, offset);
    const moment = momentOf(this.#clock, atMs, offset);
    if (record.kind === 'refused') {
      const vehicle = record.reason === 'take_over_limit' ? this.#vehicles.get(record.commonName ?? '') : undefined;
      return vehicle?.organisationId !== organisationId || vehicle === undefined
        ? []
        : this.#put(refuseTakeOver(vehicle, record.address, moment, this.#policies.policyOf(vehicle)));
    }
    if (record.kind === 'connected') return owner === undefined ? [] : this.#connect(record, owner, moment);
    const vehicle = this.#vehicles.get(record.vehicleId);
    if (vehicle === undefined) return [];
    if (record.kind === 'will') return this.#put(publishWill(vehicle, record, atMs));
    return this.#end(vehicle, record, atMs, offset);
  }

  /**
   * Nothing but the clock has changed since changes were taken, and it has reached no deadline: there is nothing to judge and no vehicle to save.
   * False as long as no changes were taken of a state that was read.
   */
  get isQuiet(): boolean {
    const { mayHaveMoved } = this.#vehicles;
    const isUnchanged = this.#changed.size === 0 && this.#closedSince.length === 0 && !mayHaveMoved;
    return isUnchanged && !this.#vehicles.mayBeDue(this.#clock.clockMs);
  }

  /** Vehicles with a deadline that the clock has reached; each must be given to `judge` afterwards. */
  takeDue(limit = maxJudgedAtOnce): VehicleState[] {
    return this.#vehicles.takeDue(this.#clock.clockMs, limit);
  }

  /** Whether its place matters to the judgement of a vehicle that is due. */
  wouldWaitInDeadZone(vehicle: VehicleState): boolean {
    const { presence } = vehicle;
    return presence.kind === 'suspect' && wouldWaitInDeadZone(presence, this.#clock.clockMs, this.#policies.policyOf(vehicle));
  }

  judge(vehicle: VehicleState, facts: Facts): Effect[] {
    const effects = this.#put(judge(vehicle, facts, this.#clock, this.#policies.policyOf(vehicle)));
    const judged = this.#vehicles.get(vehicle.vehicleId);
    return judged === undefined ? effects : [...effects, ...this.#put(tellDue(judged, facts, this.#clock, this.#policies))];
  }

  /** The incident is closed: its members here that are still away get alerts of their own. */
  closeIncident(incidentId: string): Effect[] {
    const { clockMs, logTimeMs = clockMs } = this.#clock;
    const members = this.#vehicles.membersOf(incidentId);
    return members.flatMap((vehicle) => this.#put(leaveIncident(vehicle, logTimeMs, this.#policies.policyOf(vehicle))));
  }

  /** The last change that the policies have which hold from here on. */
  get policyVersion(): number {
    return this.#policies.version;
  }

  /** Policies have changed: what waits is judged by the new ones, what was opened stays. To be called between batches. */
  usePolicies(policies: Policies): void {
    this.#policies = policies;
    for (const vehicle of [...this.#vehicles.all()]) {
      const rearmed = rearmNotices(rearm(vehicle, this.#clock, policies.policyOf(vehicle)), this.#clock, policies);
      if (rearmed !== vehicle) this.#put({ vehicle: rearmed, effects: [] });
    }
  }

  takeChanges(): Changes {
    const vehicles = this.#vehicles.some(this.#changed);
    const closed = this.#closedSince;
    this.#changed.clear();
    this.#closedSince = [];
    return { vehicles, closed, connected: this.#vehicles.takeConnectedChanges() };
  }

  takeTransitions(): Transition[] {
    const transitions = this.#transitions;
    this.#transitions = [];
    return transitions;
  }

  /** Vehicles of which something changed that may have to be explained later, as they are now. */
  takeRemembered(): Remembered[] {
    const remembered = [...this.#remembered].flatMap(([vehicleId, from]): Remembered[] => {
      const vehicle = this.#vehicles.get(vehicleId);
      return vehicle === undefined ? [] : [{ vehicle, from }];
    });
    this.#remembered.clear();
    return remembered;
  }

  #connect(record: MachineConnected, owner: NonNullable<PresenceEvent['owner']>, moment: Parameters<typeof connect>[2]): Effect[] {
    const { vehicleId, connectionId: id, node, epoch, address, connectedAt } = record;
    const vehicle = this.#vehicles.get(vehicleId) ?? newVehicle({ ...owner, vehicleId }, moment.atMs);
    const { writers } = this.#clock;
    const heard = readAnnouncement(writers, record, moment);
    if (heard !== writers) this.#clock = { ...this.#clock, writers: heard };
    const isOutdated = epoch < (writers[writerKey({ role: 'broker', node })]?.epoch ?? 0);
    if (isOutdated || this.#closed.has(id) || vehicle.connections.some((open) => open.id === id)) return [];
    const order = record.resumed ? orderOfResumed(vehicle, record, moment.offset) : moment.offset;
    const connection = { id, node, epoch, address, connectedAt, openedAtMs: moment.atMs, openedOffset: moment.offset, order };
    const will = announcedWill(record);
    const opened = { ...connection, ...(will && { will }) };
    return this.#put({ vehicle: connect(vehicle, opened, moment, this.#policies.policyOf(vehicle)), effects: [] });
  }

  #end(vehicle: VehicleState, end: End, atMs: number, offset: number): Effect[] {
    const { connectionId } = end;
    if (!this.#closed.has(connectionId)) {
      this.#closed.add(connectionId, atMs);
      this.#closedSince.push({ id: connectionId, vehicle: vehicle.vehicle, atMs });
    }
    const moment = momentOf(this.#clock, atMs, offset);
    return this.#put(disconnect(vehicle, end, moment, this.#policies.policyOf(vehicle)));
  }

  #readLease(lease: Lease, atMs: number, offset: number): Effect[] {
    this.#clock = followSetBack(this.#clock, atMs);
    const read = readLease(this.#clock.writers, lease, atMs, offset);
    if (read === undefined) return [];
    this.#clock = stepClock(this.#clock, read.writers);
    const effects: Effect[] = [];
    if (read.renewed !== undefined && lease.role === 'broker') {
      effects.push(...this.#loseNode({ node: lease.node, ...read.renewed }, offset, (epoch) => epoch < lease.epoch));
    }
    for (const lost of read.lost) if (lost.role === 'broker') effects.push(...this.#loseNode(lost, offset, () => true));
    const { logTimeMs = 0 } = this.#clock;
    for (const vehicleId of this.#vehicles.unproved()) {
      const vehicle = this.#vehicles.get(vehicleId);
      if (vehicle) effects.push(...this.#put(settle(vehicle, this.#clock)));
    }
    this.#closed.forget(logTimeMs);
    return effects;
  }

  /** Contact was lost when the node last said something, not when that was noticed. */
  #loseNode({ node, leaseAtMs }: Pick<Writer, 'node' | 'leaseAtMs'>, offset: number, ofEpoch: (epoch: number) => boolean): Effect[] {
    const effects: Effect[] = [];
    for (const { vehicleId, connections } of [...this.#vehicles.all()]) {
      for (const { id, node: holder, epoch, openedAtMs } of connections) {
        const vehicle = this.#vehicles.get(vehicleId);
        if (vehicle === undefined || holder !== node || !ofEpoch(epoch)) continue;
        effects.push(...this.#end(vehicle, { connectionId: id, cause: 'node_lost' }, Math.max(leaseAtMs, openedAtMs), offset));
      }
    }
    return effects;
  }

  #put(stepped: Stepped): Effect[] {
    const { vehicle, effects } = withNotices(stepped, this.#clock, this.#policies);
    const before = this.#vehicles.get(vehicle.vehicleId);
    if (before !== vehicle) {
      this.#changed.add(vehicle.vehicleId);
      const from = before?.presence.kind ?? 'unknown';
      if (isRemembered(before, vehicle) && !this.#remembered.has(vehicle.vehicleId)) this.#remembered.set(vehicle.vehicleId, from);
      if (from !== vehicle.presence.kind) this.#transitions.push({ vehicleId: vehicle.vehicleId, from, to: vehicle.presence.kind });
    }
    this.#vehicles.put(vehicle);
    return effects;
  }
}

/** A resumed connection is no newer than it was, so that it never replaces another. One that nobody remembers is taken for the oldest. */
function orderOfResumed({ connections, lostWithNode = [] }: VehicleState, { node, connectedAt }: MachineConnected, offset: number): number {
  const original = [...connections, ...lostWithNode].find((one) => one.node === node && one.connectedAt === connectedAt);
  if (original !== undefined) return original.order;
  return Math.min(offset, ...connections.map(({ order }) => order - 0.5));
}
