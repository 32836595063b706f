import { TraceSchema } from '@milepost/contracts';
import { recordPartitions, schema } from '@milepost/database';
import { useTestScope } from '@milepost/test-support';
import { Value } from 'typebox/value';
import { beforeAll, describe, expect, test } from 'vitest';
import { type ApiUnderTest, apiUnderTest, expectProblem } from './api-under-test.js';

const scope = useTestScope();
let api: ApiUnderTest;
let truck: number;
const at = new Date('2026-11-24T06:00:00Z');

beforeAll(async () => {
  api = await apiUnderTest(scope);
  truck = await api.fleet.vehicle('truck-1');
  await recordPartitions(api.database.owner, new Map(['fleet.location', 'fleet.diagnostics', 'fleet.status'].map((topic) => [topic, 12])));
  const position = (topic: string, partition: number, nextOffset: bigint) =>
    api.fleet.db.insert(schema.kafkaOffsets).values({ consumer: 'ingest', clusterId: 'test', topic, partition, nextOffset });
  await position('fleet.location', 3, 1_000n);
  await position('fleet.diagnostics', 3, 1_000n);
  await position('fleet.status', 3, 1_000n);
});

const trace = async (receipt: string) => {
  const answer = await api.get(`/v1/trace?receipt=${encodeURIComponent(receipt)}`, { key: api.keys.read });
  expect(answer.status, JSON.stringify(answer.body)).toBe(200);
  expect([...Value.Errors(TraceSchema, answer.body)]).toEqual([]);
  return answer.body;
};

describe('GET /v1/trace', () => {
  test('of a record whose fixes are stored, says when it came and when it was committed', async () => {
    const more = { sourcePartition: 3, sourceOffset: 500n };
    await api.fleet.location(truck, at, { ...more, receivedAt: at });
    await api.fleet.location(truck, new Date(at.getTime() - 86_400_000), { ...more, receivedAt: at });
    const { storedAt, ...answer } = await trace('fleet.location/3/500');
    expect(answer).toEqual({
      receipt: 'fleet.location/3/500',
      state: 'stored',
      vehicleId: 'truck-1',
      receivedAt: at.toISOString(),
      items: 2,
    });
    const { rows } = await api.database.owner.query('show track_commit_timestamp');
    if (rows[0].track_commit_timestamp === 'off') expect(storedAt).toBeUndefined();
    else expect(Math.abs(Date.parse(storedAt) - Date.now())).toBeLessThan(60_000);
  });

  test('of a record that stands where one of an earlier Kafka stood, speaks of that record', async () => {
    const other = await api.fleet.vehicle('truck-2');
    const [before, now] = [new Date(at.getTime() - 86_400_000), at];
    const place = { sourcePartition: 3, sourceOffset: 504n };
    await api.fleet.location(truck, before, { ...place, receivedAt: before });
    await api.fleet.location(other, before, { ...place, receivedAt: now });
    expect(await trace('fleet.location/3/504')).toMatchObject({ vehicleId: 'truck-2', receivedAt: now.toISOString(), items: 1 });
    const same = { sourcePartition: 3, sourceOffset: 505n };
    for (const receivedAt of [now, before]) await api.fleet.location(truck, receivedAt, { ...same, receivedAt });
    expect(await trace('fleet.location/3/505')).toMatchObject({ vehicleId: 'truck-1', receivedAt: now.toISOString(), items: 1 });
  });

  test('finds diagnostics and status reports too', async () => {
    await api.fleet.diagnostics(truck, at, { sourcePartition: 3, sourceOffset: 7n });
    await api.fleet.statusReport(truck, at, { sourcePartition: 3, sourceOffset: 7n });
    expect(await trace('fleet.diagnostics/3/7')).toMatchObject({ state: 'stored', vehicleId: 'truck-1', items: 1 });
    expect(await trace('fleet.status/3/7')).toMatchObject({ state: 'stored', vehicleId: 'truck-1', items: 1 });
  });

  test('of a record that brought nothing new, says that it repeated what was stored before', async () => {
    expect(await trace('fleet.location/3/501')).toEqual({ receipt: 'fleet.location/3/501', state: 'repeated' });
  });

  test('of one that could not be stored, says why, and what of it is stored', async () => {
    const errors = [{ code: 'invalid_field', pointer: '/1/latitude', message: 'must be at most 90' }];
    await api.fleet.deadLetter(at, { topic: 'fleet.location', partition: 3, offset: 502n, vehicleId: 'truck-1', errors });
    await api.fleet.location(truck, new Date(at.getTime() + 1_000), { sourcePartition: 3, sourceOffset: 502n });
    expect(await trace('fleet.location/3/502')).toMatchObject({
      state: 'dead_lettered',
      vehicleId: 'truck-1',
      items: 1,
      deadLetter: { id: 'fleet.location/3/502', at: at.toISOString(), errors },
    });
  });

  test('of one that ingest has not reached, says how many stand before it', async () => {
    expect(await trace('fleet.location/3/1000')).toEqual({ receipt: 'fleet.location/3/1000', state: 'pending', recordsBefore: '0' });
    expect(await trace('fleet.location/3/1042')).toMatchObject({ state: 'pending', recordsBefore: '42' });
    expect(await trace('fleet.location/4/0')).toEqual({ receipt: 'fleet.location/4/0', state: 'pending' });
  });

  test('shows nothing of another organisation', async () => {
    const vehicle = await api.otherFleet.vehicle('foreign-1');
    await api.otherFleet.location(vehicle, at, { sourcePartition: 3, sourceOffset: 600n });
    expect(await trace('fleet.location/3/600')).toEqual({ receipt: 'fleet.location/3/600', state: 'repeated' });
  });

  test('tells what is no receipt, and what no partition is', async () => {
    expectProblem(await api.get('/v1/trace?receipt=mqtt.messages/1/2'), 400, 'invalid_receipt');
    expectProblem(await api.get('/v1/trace?receipt=1'), 400, 'invalid_receipt');
    expectProblem(await api.get('/v1/trace'), 400, 'invalid_request');
    expectProblem(await api.get('/v1/trace?receipt=fleet.location/12/1'), 404, 'trace_not_found');
  });
});
