import { topics } from '@milepost/contracts';
import { eventually, useTestScope } from '@milepost/test-support';
import { expect, it } from 'vitest';
import { ingestScope } from './ingest-scope.js';

const scope = useTestScope();
const hour = 3_600_000;

it('while a backlog is read, known vehicles stand where they are now; history and new vehicles wait for their turn', async () => {
  const ingest = await ingestScope(scope, { partitions: 1 });
  const fix = (agoMs: number, sequence: number) => ({ recordedAt: Date.now() - agoMs, latitude: 48, longitude: 11, sequence });
  const send = (vehicle: string, agoMs: number, sequence: number) =>
    ingest.send({ vehicle, payload: fix(agoMs, sequence), timestampMs: Date.now() - agoMs });
  const position = () =>
    ingest.rows(
      'select v.vehicle_id, p.sequence::int from latest_positions p join vehicles v on v.id = p.vehicle where p.sequence is not null order by 1',
    );
  await send('v1', hour, 1);
  const app = await ingest.start();
  await ingest.settled();

  // The main reader gets no further than the fence.
  const held = await ingest.database.owner.connect();
  try {
    await held.query('begin');
    await held.query('select from kafka_offsets where topic = $1 for update', [topics.location]);
    for (let n = 2; n < 12; n += 1) await send('v1', hour - n * 1_000, n);
    await send('v1', 0, 100);
    await send('new', 0, 1);
    await eventually(async () => expect(await position()).toEqual([{ vehicle_id: 'v1', sequence: 100 }]), { timeoutMs: 15_000 });
    expect(await ingest.scalar('select count(*)::int from locations')).toBe(1);
    expect(await app.metric('milepost_ingest_late_partitions')).toBe(1);
    await held.query('commit');
  } finally {
    held.release();
  }

  await ingest.settled();
  expect(await ingest.scalar('select count(*)::int from locations')).toBe(13);
  expect(await position()).toEqual([
    { vehicle_id: 'new', sequence: 1 },
    { vehicle_id: 'v1', sequence: 100 },
  ]);
  expect(await app.metric('milepost_ingest_fresh_positions_total')).toBeGreaterThan(0);
  await eventually(async () => expect(await app.metric('milepost_ingest_late_partitions')).toBe(0));
});
