import type { PresenceRecord } from '@milepost/contracts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Effect } from '../effect.js';
import { fixedPolicy } from '../policy/policies.js';
import { defaultPolicy } from '../policy/policy.js';
import type { PresenceEvent } from '../presence-partition.js';
import { FleetInMemory } from './fleet-in-memory.js';

const PARTITIONS = 3;

/** A fleet whose presence partitions lie on Kafka nodes with clocks of their own, and may be read late. */
class Nodes {
  readonly fleet = new FleetInMemory(PARTITIONS, fixedPolicy(defaultPolicy));
  readonly effects: Effect[] = [];
  readonly #aheadMs: number[] = Array.from({ length: PARTITIONS }, () => 0);
  readonly #unread: PresenceEvent[][] = Array.from({ length: PARTITIONS }, () => []);
  #nowMs = Date.parse('2026-01-01T00:00:00Z');
  #counter = 0;

  constructor(vehicles: number) {
    this.pass(4);
    for (let vehicle = 0; vehicle < vehicles; vehicle += 1) {
      this.#say(vehicle, {
        kind: 'connected',
        connectedAt: new Date(this.#nowMs).toISOString(),
        resumed: false,
        address: '192.0.2.1',
        protocolVersion: 5,
        cleanStart: true,
        keepAliveSeconds: 60,
        sessionExpirySeconds: 0,
        certificate: { issuer: 'CN=ca', serial: '01', notAfter: '2030-01-01T00:00:00Z' },
      });
    }
    this.pass(20);
  }

  lose(vehicle: number): void {
    this.#say(vehicle, { kind: 'disconnected', cause: 'network_error' });
  }

  /** The clock of a partition's node is set, on or back. */
  set(partition: number, seconds: number): this {
    this.#aheadMs[partition] = (this.#aheadMs[partition] ?? 0) + seconds * 1_000;
    return this;
  }

  pass(seconds: number, late: readonly number[] = []): this {
    for (const untilMs = this.#nowMs + seconds * 1_000; this.#nowMs < untilMs; ) {
      this.#nowMs += 2_000;
      for (let partition = 0; partition < PARTITIONS; partition += 1) {
        this.#append(partition, { kind: 'lease', role: 'broker', partition });
        if (!late.includes(partition)) for (const event of this.#read(partition)) this.effects.push(...this.fleet.apply(partition, event));
      }
      this.effects.push(...this.fleet.judge());
    }
    return this;
  }

  get alerts(): string[] {
    return this.effects.filter((effect) => effect.kind === 'open_alert').map(({ vehicleId }) => vehicleId);
  }

  #read(partition: number): PresenceEvent[] {
    return this.#unread[partition]?.splice(0) ?? [];
  }

  #say(vehicle: number, what: object): void {
    this.#append(vehicle % PARTITIONS, { vehicleId: `v${vehicle}`, organisation: 'default', connectionId: `c${vehicle}`, ...what });
  }

  #append(partition: number, unstamped: object): void {
    this.#counter += 1;
    const record = { node: 'a', epoch: 1, counter: this.#counter, ...unstamped } as PresenceRecord;
    const owner = 'vehicleId' in record ? { owner: { vehicle: Number(record.vehicleId.slice(1)), organisationId: 1 } } : {};
    const atMs = this.#nowMs + (this.#aheadMs[partition] ?? 0);
    this.#unread[partition]?.push({ record, offset: this.#counter, atMs, ...owner });
  }
}

describe('where the clocks of Kafka nodes are set back', () => {
  test('a loss is an alert as soon as ever, whichever nodes it were and however often', () => {
    const setBack = fc.record({
      partition: fc.nat({ max: PARTITIONS - 1 }),
      seconds: fc.integer({ min: 11, max: 7_200 }),
      before: fc.nat({ max: 20 }),
    });
    fc.assert(
      fc.property(fc.array(setBack, { maxLength: 4 }), fc.nat({ max: 2 }), (setBacks, vehicle) => {
        const nodes = new Nodes(3);
        nodes.lose(vehicle);
        for (const { partition, seconds, before } of setBacks) nodes.pass(before).set(partition, -seconds);
        expect(nodes.pass(46).alerts).toEqual([`v${vehicle}`]);
      }),
    );
  });

  test('it is also when they are set right again', () => {
    const nodes = new Nodes(6).set(1, -3_600);
    nodes.pass(60).set(1, 3_600).pass(20);
    for (const vehicle of [0, 1]) nodes.lose(vehicle);
    expect(nodes.pass(46).alerts.sort()).toEqual(['v0', 'v1']);
  });

  test('many that were lost at once are one incident, although a part of them is read late and from before it', () => {
    const nodes = new Nodes(60);
    for (let vehicle = 0; vehicle < 60; vehicle += 1) if (vehicle % PARTITIONS < 2) nodes.lose(vehicle);
    nodes.pass(40, [0]);
    for (let partition = 0; partition < PARTITIONS; partition += 1) nodes.set(partition, -3_600);
    expect(nodes.pass(20, [0]).alerts).toEqual([]);
    expect(nodes.fleet.incidents).toEqual([]);
    expect(nodes.pass(40).alerts).toEqual([]);
    expect(nodes.fleet.incidents.map(({ members }) => members.size)).toEqual([40]);
  });

  test('a partition that is read late is waited for after they are set right again', () => {
    const nodes = new Nodes(60).set(0, -3_600);
    nodes.pass(60).set(0, 3_600).pass(20);
    for (let vehicle = 0; vehicle < 60; vehicle += 1) if (vehicle % PARTITIONS < 2) nodes.lose(vehicle);
    expect(nodes.pass(60, [0]).alerts).toEqual([]);
    expect(nodes.pass(40).alerts).toEqual([]);
    expect(nodes.fleet.incidents).toHaveLength(1);
  });
});
