import { expect, it } from 'vitest';
import type { MachineRecord } from '../machine-record.js';
import { PolicyBook } from '../policy/policy-book.js';
import { PresencePartition, type StoredPartition } from '../presence-partition.js';
import { noFacts, type RecordedBatch } from './recorded-batch.js';
import { ReplayedFleet, type WhatIf } from './replayed-fleet.js';

const START_MS = Date.parse('2026-01-01T00:00:00Z');
const nothing: StoredPartition = { clock: new PresencePartition(PolicyBook.empty).clock, vehicles: [], closed: [] };

/** A batch that ends with a lease. The clock never lags: leases come every four seconds. */
function batch(partition: number, second: number, records: MachineRecord[] = [], judged: Partial<RecordedBatch> = {}): RecordedBatch {
  const atMs = START_MS + second * 1_000;
  const lease: MachineRecord = { kind: 'lease', node: 'a', role: 'broker', epoch: 1, counter: second + 1, partition };
  const events = [...records, lease].map((record, index) => ({
    record,
    offset: second * 10 + index,
    atMs,
    ...('vehicleId' in record && { owner: { vehicle: 1, organisationId: 1 } }),
  }));
  return { partition, loaded: false, policyVersion: 0, events, due: 0, facts: noFacts, logTimeMs: atMs, clockMs: atMs, ...judged };
}

const connected: MachineRecord = {
  kind: 'connected',
  vehicleId: 'v',
  connectionId: 'c',
  node: 'a',
  epoch: 1,
  address: '192.0.2.1',
  connectedAt: '2026-01-01T00:00:00Z',
  resumed: false,
};
const lost: MachineRecord = { kind: 'disconnected', vehicleId: 'v', connectionId: 'c', cause: 'network_error' };

it('an incident that a partition opens when another has other policies already is carried on, and its members are alerts in the end', async () => {
  const whatIf: WhatIf = {
    fromMs: START_MS + 41_000,
    policiesAt: () => PolicyBook.empty,
    storm: { minimum: 20, limits: { settledMs: 300_000, maxMs: 20_000 } },
    world: { reportsOf: async () => ({ reports: [] }), inDeadZones: async () => [] },
  };
  const partitions = [nothing, nothing].map((stored) => ({ stored, policyVersion: 0 }));
  const fleet = new ReplayedFleet({ partitions, policiesAt: () => PolicyBook.empty, incidents: [], whatIf });
  expect(await fleet.apply(batch(1, 0, [connected]))).toBeUndefined();
  expect(await fleet.apply(batch(1, 4))).toBeUndefined();
  expect(await fleet.apply(batch(1, 8, [lost]))).toBeUndefined();
  for (let second = 12; second < 40; second += 4) expect(await fleet.apply(batch(1, second))).toBeUndefined();
  await fleet.apply(batch(0, 44));
  const opened = [{ id: 'i1', organisationId: 1, node: 'a', members: [1] }];
  const facts = { ...noFacts, consumedToMs: Number.POSITIVE_INFINITY, incidents: [['i1', [1]] as [string, number[]]], opened };
  expect(await fleet.apply(batch(1, 40, [], { due: 1, facts }))).toBeUndefined();
  expect(fleet.ledger.open()).toEqual([]);
  for (let second = 44; second <= 60; second += 4) await fleet.apply(batch(1, second));
  expect(fleet.ledger.open()).toMatchObject([{ vehicleId: 'v', type: 'offline', incidentId: 'i1' }]);
  expect(fleet.incidents().map(({ id, closed }) => [id, closed])).toEqual([['i1', true]]);
});
