import type { AlertType, DisconnectCause, PresenceRecord } from '@milepost/contracts';
import type { AlertEffect, Effect, LoseContact, RegainContact } from './effect.js';
import { fixedPolicy, type Policies } from './policy/policies.js';
import { defaultPolicy, type PresencePolicy } from './policy/policy.js';
import { PresencePartition } from './presence-partition.js';
import type { Facts } from './transitions/judge.js';

type Unstamped<R> = R extends PresenceRecord ? Omit<R, 'node' | 'epoch' | 'counter'> : never;

/** A writer of the log: a broker node, or an alerts process. */
export interface FixtureNode {
  name: string;
  role: 'broker' | 'alerts';
  epoch: number;
  counter: number;
  silent: boolean;
}

const START_MS = Date.parse('2026-01-01T00:00:00Z');
const LEASE_MS = 2_000;

/** One presence partition with a log that a test writes by hand, in a time of its own. */
export class FixtureLog {
  presence: PresencePartition;
  nowMs = START_MS;
  /** What became of alerts. */
  readonly effects: AlertEffect[] = [];
  /** Losses of contact and returns. */
  readonly losses: (LoseContact | RegainContact)[] = [];
  readonly nodes = new Map<string, FixtureNode>();
  facts: Facts = { consumedToMs: Number.POSITIVE_INFINITY, report: {} };
  #policies: Policies;
  readonly #vehicles = new Map<string, number>();
  #offset = 0;

  constructor(policy: Partial<PresencePolicy> = {}, nodes: readonly string[] = ['a']) {
    this.#policies = fixedPolicy({ ...defaultPolicy, ...policy });
    this.presence = new PresencePartition(this.#policies);
    for (const node of nodes) this.node(node);
    this.node('alerts', 'alerts');
    this.leases();
  }

  /** A partition in which nobody has written a lease yet. */
  static withoutLeases(): FixtureLog {
    const log = new FixtureLog();
    log.presence = new PresencePartition(log.#policies);
    return log;
  }

  node(name: string, role: FixtureNode['role'] = 'broker'): FixtureNode {
    const known = this.nodes.get(name) ?? { name, role, epoch: START_MS, counter: 0, silent: false };
    this.nodes.set(name, known);
    return known;
  }

  /** Appends a record; the same one may be appended again. */
  append(record: PresenceRecord, { atMs = this.nowMs }: { atMs?: number } = {}): PresenceRecord {
    this.#offset += 1;
    const owner = 'vehicleId' in record ? { owner: { vehicle: this.#idOf(record.vehicleId), organisationId: 1 } } : {};
    const refused = record.kind === 'refused' ? { organisationId: 1 } : {};
    this.#take(this.presence.apply({ record, offset: this.#offset, atMs, ...owner, ...refused }));
    return record;
  }

  connected(vehicleId: string, connectionId: string, more: Partial<Extract<PresenceRecord, { kind: 'connected' }>> = {}): PresenceRecord {
    return this.append(
      this.stamped(more.node ?? 'a', {
        kind: 'connected',
        vehicleId,
        organisation: 'default',
        connectionId,
        connectedAt: new Date(this.nowMs).toISOString(),
        resumed: false,
        address: '192.0.2.1',
        protocolVersion: 5,
        cleanStart: true,
        keepAliveSeconds: 60,
        sessionExpirySeconds: 600,
        certificate: { issuer: 'CN=ca', serial: '01', notAfter: '2030-01-01T00:00:00Z' },
        ...more,
      }),
    );
  }

  disconnected(
    vehicleId: string,
    connectionId: string,
    cause: DisconnectCause,
    node = 'a',
    more: { sessionExpirySeconds?: number; willDelaySeconds?: number } = {},
  ): PresenceRecord {
    return this.append(this.stamped(node, { kind: 'disconnected', vehicleId, organisation: 'default', connectionId, cause, ...more }));
  }

  will(vehicleId: string, connectionId: string, node = 'a'): PresenceRecord {
    const payloadBase64 = Buffer.from('gone').toString('base64');
    return this.append(
      this.stamped(node, {
        kind: 'will',
        vehicleId,
        organisation: 'default',
        connectionId,
        topic: `fleet/${vehicleId}/status`,
        payloadBase64,
      }),
    );
  }

  refused(vehicleId: string, address: string): PresenceRecord {
    const at = new Date(this.nowMs).toISOString();
    return this.append(
      this.stamped('a', {
        kind: 'refused',
        at,
        address,
        commonName: vehicleId,
        organisation: 'default',
        reason: 'take_over_limit',
        remedy: '-',
        count: 1,
      }),
    );
  }

  lease(name: string): PresenceRecord {
    return this.append(this.stamped(name, { kind: 'lease', role: this.node(name).role, partition: 0 }));
  }

  leases(): void {
    for (const { name, silent } of this.nodes.values()) if (!silent) this.lease(name);
  }

  /** The node's process begins anew. */
  restart(name: string): void {
    this.node(name).epoch += 1_000_000;
  }

  /** All processes end, and others begin in their places under names of their own. */
  rename(suffix: string): this {
    for (const { name, role } of [...this.nodes.values()]) {
      this.nodes.delete(name);
      this.node(`${name}${suffix}`, role);
    }
    return this;
  }

  /** Time passes with leases every two seconds, and what falls due is judged. */
  pass(seconds: number): this {
    const untilMs = this.nowMs + seconds * 1_000;
    while (this.nowMs < untilMs) {
      this.nowMs = Math.min(untilMs, this.nowMs + LEASE_MS);
      this.leases();
      this.judge();
    }
    return this;
  }

  /** Time passes and nobody writes. */
  stall(seconds: number): this {
    this.nowMs += seconds * 1_000;
    return this;
  }

  /** The log's clock is set back. */
  setBack(seconds: number): this {
    this.nowMs -= seconds * 1_000;
    return this;
  }

  /** Behind each batch, as alerts does; in every world it holds that behind a quiet one there is nothing to do. */
  judge(): void {
    const { isQuiet } = this.presence;
    const due = this.presence.takeDue(1_000);
    for (const vehicle of due) this.#take(this.presence.judge(vehicle, this.facts));
    const { vehicles, closed, connected } = this.presence.takeChanges();
    const done = due.length + vehicles.length + closed.length + connected.length;
    if (isQuiet && done > 0) throw new Error(`A batch was called quiet, and ${done} things came of it`);
    this.#closed.push(...closed);
  }

  /** Others hold from here on. */
  usePolicies(policies: Policies): this {
    this.#policies = policies;
    this.presence.usePolicies(policies);
    return this;
  }

  /** The process dies and another reads the stored state. */
  reload(): this {
    const vehicles = [...this.presence.vehicles()].map((vehicle) => JSON.parse(JSON.stringify(vehicle)));
    const closed = this.presence.takeChanges().closed;
    this.#closed.push(...closed);
    this.presence = new PresencePartition(this.#policies, {
      clock: JSON.parse(JSON.stringify(this.presence.clock)),
      vehicles,
      closed: this.#closed,
    });
    return this;
  }
  readonly #closed: { id: string; atMs: number }[] = [];

  state(vehicleId: string): string {
    return this.presence.vehicle(vehicleId)?.presence.kind ?? 'unknown';
  }

  /** Types of the vehicle's open alerts, as the effects so far leave them. */
  alerts(vehicleId: string): AlertType[] {
    const open = new Set<AlertType>();
    for (const effect of this.effects) {
      if (effect.kind === 'open_alert' && effect.vehicleId === vehicleId) open.add(effect.type);
      if (effect.kind === 'resolve_alert' && effect.vehicleId === vehicleId) open.delete(effect.type);
    }
    return [...open];
  }

  of<K extends AlertEffect['kind']>(kind: K): Extract<AlertEffect, { kind: K }>[] {
    return this.effects.filter((effect): effect is Extract<AlertEffect, { kind: K }> => effect.kind === kind);
  }

  stamped(name: string, record: Unstamped<PresenceRecord>): PresenceRecord {
    const node = this.node(name);
    node.counter += 1;
    return { node: name, epoch: node.epoch, counter: node.counter, ...record } as PresenceRecord;
  }

  #take(effects: Effect[]): void {
    for (const effect of effects) {
      if (effect.kind === 'lose_contact' || effect.kind === 'regain_contact') this.losses.push(effect);
      else this.effects.push(effect);
    }
  }

  #idOf(vehicleId: string): number {
    const id = this.#vehicles.get(vehicleId) ?? this.#vehicles.size + 1;
    this.#vehicles.set(vehicleId, id);
    return id;
  }
}
