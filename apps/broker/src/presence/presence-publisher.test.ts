import { type PresenceRecord, PresenceRecordSchema } from '@milepost/contracts';
import { Value } from 'typebox/value';
import { describe, expect, test } from 'vitest';
import { MemoryLog } from '../log/memory-log.js';
import type { ConnectionFacts } from './announced-connection.js';
import { PresencePublisher } from './presence-publisher.js';

const facts = (vehicleId: string): ConnectionFacts => ({
  vehicleId,
  organisation: 'acme',
  connectedAt: '2026-11-24T00:00:00.000Z',
  address: '192.0.2.1',
  protocolVersion: 5,
  cleanStart: true,
  keepAliveSeconds: 60,
  sessionExpirySeconds: 0,
  certificate: { issuer: 'CN=CA', serial: 'AB', notAfter: '2027-11-24T00:00:00.000Z' },
});

function publisher(partitions = 1) {
  const log = new MemoryLog({ partitions: partitions });
  const it = new PresencePublisher({ log, node: 'node-a', epoch: 100, partitions, now: () => 1_000 });
  const records = () => log.records.map(({ value }) => JSON.parse(String(value)) as PresenceRecord);
  return { log, it, records };
}

describe('presence', () => {
  test('records are as the contract says, keyed by vehicle, and counted', () => {
    const { it, log, records } = publisher();
    const { announced } = it.connected(facts('truck-1'));
    it.will(announced, { topic: 'fleet/truck-1/status', payloadBase64: 'eA==' });
    it.disconnected(announced, 'network_error', 0x80);
    it.refused({ address: '192.0.2.1', reason: 'no_certificate', organisation: 'default' }, 3);
    void it.lease(0);
    for (const record of records()) expect(Value.Check(PresenceRecordSchema, record)).toBe(true);
    expect(records().map(({ kind, epoch, counter }) => [kind, epoch, counter])).toEqual([
      ['connected', 100, 1],
      ['will', 100, 2],
      ['disconnected', 100, 3],
      ['refused', 100, 4],
      ['lease', 100, 5],
    ]);
    expect(log.records.map(({ key }) => key)).toEqual(['truck-1', 'truck-1', 'truck-1', '192.0.2.1', null]);
    expect(log.records[0]?.headers).toEqual({
      ce_specversion: '1.0',
      ce_id: 'node-a/100/1',
      ce_source: '/nodes/node-a',
      ce_type: 'milepost.presence.connected.v1',
      ce_time: '1970-01-01T00:00:01.000Z',
    });
  });

  test('`disconnected` is written once, whatever happens', () => {
    const { it, records } = publisher();
    const { announced } = it.connected(facts('truck-1'));
    it.disconnected(announced, 'taken_over');
    it.disconnected(announced, 'network_error');
    expect(records().map(({ kind }) => kind)).toEqual(['connected', 'disconnected']);
  });

  test('a refused attempt has the CN as its key where that could be a vehicle, else the address', () => {
    const { it, log } = publisher();
    it.refused({ address: '192.0.2.1', reason: 'revoked', commonName: 'truck-1' }, 1);
    it.refused({ address: '192.0.2.1', reason: 'bad_vehicle_id', commonName: 'not a vehicle' }, 1);
    expect(log.records.map(({ key }) => key)).toEqual(['truck-1', '192.0.2.1']);
  });

  test('a record that has no place in the log is told; a lease that a newer one replaced is none', async () => {
    const log = new MemoryLog();
    const lost: string[] = [];
    const onLost = (record: PresenceRecord, code: string) => void lost.push(`${record.kind} ${code}`);
    const it = new PresencePublisher({ log, node: 'node-a', epoch: 100, partitions: 1, onLost });
    const { announced, outcome } = it.connected(facts('truck-1'));
    await outcome;
    log.pause();
    void it.lease(0);
    const second = it.lease(0);
    log.refuses = ({ key }) => key === 'truck-1';
    log.resume();
    await second;
    it.disconnected(announced, 'network_error');
    await it.lease(0);
    expect(lost).toEqual(['disconnected REFUSED']);
  });

  test('a lease that waits is replaced by the next, never queued', async () => {
    const { it, log, records } = publisher();
    log.pause();
    const first = it.lease(0);
    void it.connected(facts('truck-1'));
    void it.lease(0);
    log.resume();
    expect(await first).toMatchObject({ kind: 'withheld', code: 'replaced' });
    expect(records().map(({ kind }) => kind)).toEqual(['connected', 'lease']);
  });

  test('a new epoch announces what is open under fresh ids, with its original time, and then writes its leases', () => {
    const { it, records } = publisher(2);
    const { announced } = it.connected(facts('truck-1'));
    const gone = it.connected(facts('truck-2'));
    it.disconnected(gone.announced, 'network_error');
    const oldId = announced.connectionId;
    it.beginEpoch(200);
    const [resumed, ...leases] = records().slice(3);
    expect(resumed).toMatchObject({
      kind: 'connected',
      vehicleId: 'truck-1',
      epoch: 200,
      resumed: true,
      connectedAt: facts('').connectedAt,
    });
    expect(announced.connectionId).not.toBe(oldId);
    expect(leases.map(({ kind, epoch }) => [kind, epoch])).toEqual([
      ['lease', 200],
      ['lease', 200],
    ]);
    it.disconnected(announced, 'network_error');
    expect(records().at(-1)).toMatchObject({ connectionId: announced.connectionId });
  });

  test('what replaces a connection is told by the first place of its record, not that of a resumed one', async () => {
    const { it } = publisher();
    const { announced, outcome } = it.connected(facts('truck-1'));
    await outcome;
    await it.beginEpoch(200).announced;
    expect(announced.storedAt).toBe(0n);
  });
});
