import type { DisconnectCause, PresenceRecord } from '@milepost/contracts';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Effect } from '../effect.js';
import { fixedPolicy } from '../policy/policies.js';
import { defaultPolicy } from '../policy/policy.js';
import { FleetInMemory } from './fleet-in-memory.js';

const PARTITIONS = 4;
const VEHICLES = 10_000;

/** Ten thousand vehicles on a broker, and time that passes in leases. */
class Storm {
  readonly fleet = new FleetInMemory(PARTITIONS, fixedPolicy(defaultPolicy));
  readonly effects: Effect[] = [];
  nowMs = Date.parse('2026-01-01T00:00:00Z');
  #counter = 0;
  #epoch = 1;

  constructor() {
    this.pass(2);
    for (let vehicle = 0; vehicle < VEHICLES; vehicle += 1) this.connect(vehicle, 1);
    this.pass(120);
  }

  connect(vehicle: number, connection: number): void {
    this.#append(vehicle % PARTITIONS, {
      kind: 'connected',
      vehicleId: `v${vehicle}`,
      organisation: 'default',
      connectionId: `v${vehicle}-${connection}`,
      connectedAt: new Date(this.nowMs).toISOString(),
      resumed: false,
      address: '192.0.2.1',
      protocolVersion: 5,
      cleanStart: true,
      keepAliveSeconds: 60,
      sessionExpirySeconds: 0,
      certificate: { issuer: 'CN=ca', serial: '01', notAfter: '2030-01-01T00:00:00Z' },
    });
  }

  lose(vehicle: number, connection: number, cause: DisconnectCause): void {
    const ids = { vehicleId: `v${vehicle}`, organisation: 'default', connectionId: `v${vehicle}-${connection}` };
    this.#append(vehicle % PARTITIONS, { kind: 'disconnected', ...ids, cause });
  }

  pass(seconds: number, each: () => void = () => undefined): void {
    for (const untilMs = this.nowMs + seconds * 1_000; this.nowMs < untilMs; ) {
      this.nowMs += 2_000;
      each();
      for (let partition = 0; partition < PARTITIONS; partition += 1) this.#append(partition, { kind: 'lease', role: 'broker', partition });
      this.effects.push(...this.fleet.judge());
    }
  }

  get alerts(): string[] {
    return this.effects.filter((effect) => effect.kind === 'open_alert').map(({ vehicleId }) => vehicleId);
  }

  /** From a time to the vehicle's alert. */
  openedAfterMs(vehicleId: string, fromMs: number): number {
    const alert = this.effects.find((effect) => effect.kind === 'open_alert' && effect.vehicleId === vehicleId);
    return alert?.kind === 'open_alert' ? alert.openedAtMs - fromMs : Number.POSITIVE_INFINITY;
  }

  #append(partition: number, unstamped: object): void {
    this.#counter += 1;
    const record = { node: 'a', epoch: this.#epoch, counter: this.#counter, ...unstamped } as PresenceRecord;
    const owner = 'vehicleId' in record ? { owner: { vehicle: Number(record.vehicleId.slice(1)), organisationId: 1 } } : {};
    this.effects.push(...this.fleet.apply(partition, { record, offset: this.#counter, atMs: this.nowMs, ...owner }));
  }
}

describe('ten thousand vehicles', () => {
  let storm: Storm;
  beforeEach(() => {
    storm = new Storm();
  });

  test('that reconnect within two minutes of a restart of the broker are no alert and no incident', () => {
    for (let vehicle = 0; vehicle < VEHICLES; vehicle += 1) storm.lose(vehicle, 1, 'server_shutdown');
    let next = 0;
    storm.pass(118, () => {
      for (const until = Math.min(VEHICLES, next + VEHICLES / 58); next < until; next += 1) storm.connect(next, 2);
    });
    expect(next).toBe(VEHICLES);
    storm.pass(1_800);
    expect(storm.alerts).toEqual([]);
    expect(storm.fleet.incidents).toEqual([]);
  });

  test('of which three thousand are cut off are one incident that lists them; two that stay away after the rest returned are alerts of their own', () => {
    // Keep-alive 60 s: the broker notices them one after another, within a minute.
    let next = 0;
    storm.pass(60, () => {
      for (const until = next + 100; next < until; next += 1) storm.lose(next, 1, 'keepalive_timeout');
    });
    expect(next).toBe(3_000);
    storm.pass(120);
    expect(storm.alerts).toEqual([]);
    expect(storm.fleet.incidents).toHaveLength(1);
    expect(storm.fleet.incidents[0]?.members.size).toBe(3_000);

    for (let vehicle = 2; vehicle < 3_000; vehicle += 1) storm.connect(vehicle, 2);
    storm.pass(600);
    expect(storm.fleet.incidents).toMatchObject([{ closed: true }]);
    expect(storm.alerts.sort()).toEqual(['v0', 'v1']);
  });

  test.each([
    { cause: 'keepalive_timeout', atSeconds: -10 },
    { cause: 'network_error', atSeconds: -26 },
    { cause: 'network_error', atSeconds: 4 },
  ] as const)('of which one is lost by itself ($cause) $atSeconds s from a restart: it alone is an alert, and in time', (one) => {
    const rest = Array.from({ length: VEHICLES - 1 }, (_, index) => index + 1);
    const restart = () => {
      for (const vehicle of rest) storm.lose(vehicle, 1, 'server_shutdown');
    };
    if (one.atSeconds > 0) restart();
    storm.pass(Math.max(0, one.atSeconds));
    storm.lose(0, 1, one.cause);
    const lostAtMs = storm.nowMs;
    storm.pass(Math.max(0, -one.atSeconds));
    if (one.atSeconds < 0) restart();
    storm.pass(118, () => {
      for (const vehicle of rest.splice(0, VEHICLES / 58)) storm.connect(vehicle, 2);
    });
    storm.pass(600);
    expect(rest).toEqual([]);
    expect(storm.fleet.incidents).toHaveLength(0);
    expect(storm.effects.filter(({ kind }) => kind === 'open_alert')).toMatchObject([{ vehicleId: 'v0', cause: one.cause }]);
    expect(storm.openedAfterMs('v0', lostAtMs)).toBeLessThanOrEqual(defaultPolicy.graceMs + 8_000);
  });

  test('whose broker goes away and who do not return are one incident, and one that was lost by itself just before has its own alert', () => {
    storm.lose(0, 1, 'network_error');
    storm.pass(20);
    for (let vehicle = 1; vehicle < VEHICLES; vehicle += 1) storm.lose(vehicle, 1, 'server_shutdown');
    storm.pass(180);
    expect(storm.alerts).toEqual(['v0']);
    expect(storm.fleet.incidents).toHaveLength(1);
    expect(storm.fleet.incidents[0]?.members.size).toBe(VEHICLES - 1);
  });

  test('of which many are put out at once make no incident of one that is lost meanwhile', () => {
    for (let vehicle = 1; vehicle <= 2_000; vehicle += 1) storm.lose(vehicle, 1, 'revoked');
    storm.lose(0, 1, 'network_error');
    storm.pass(60);
    expect(storm.fleet.incidents).toHaveLength(0);
    expect(storm.alerts).toHaveLength(2_001);
  });
});
