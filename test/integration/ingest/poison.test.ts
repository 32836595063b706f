import { topics } from '@milepost/contracts';
import { useTestScope } from '@milepost/test-support';
import { expect, it } from 'vitest';
import { ingestScope } from './ingest-scope.js';

const scope = useTestScope();
const now = Date.now();
const fix = (sequence: number, driverId = 'd') => ({ recordedAt: now - 10_000 + sequence, latitude: 1, longitude: 1, sequence, driverId });

it('an item that Postgres refuses is dead-lettered alone; the rest of its message and of its batch is stored', async () => {
  const ingest = await ingestScope(scope, { partitions: 1 });
  await ingest.rows(`alter table locations add constraint locations_no_poison check (driver_id <> 'poison')`);
  await ingest.rows(`alter table diagnostics add constraint diagnostics_no_poison check (engine_hours < 1000)`);
  for (let n = 0; n < 10; n += 1) await ingest.send({ vehicle: `v${n}`, payload: fix(n) });
  const poisoned = Array.from({ length: 20 }, (_, n) => fix(n, n === 4 || n === 13 ? 'poison' : 'd'));
  const { offset } = await ingest.send({ vehicle: 'mixed', payload: poisoned });
  await ingest.send({ vehicle: 'single', payload: fix(1, 'poison') });
  for (let n = 10; n < 20; n += 1) await ingest.send({ vehicle: `v${n}`, payload: fix(n) });
  await ingest.send({ topic: topics.diagnostics, vehicle: 'alone', payload: { recordedAt: now, engineHours: 5_000 } });

  await ingest.start();
  await ingest.settled();
  await ingest.settled(topics.diagnostics);
  expect(await ingest.scalar('select count(*)::int from locations')).toBe(38);
  const letters = await ingest.rows<{ vehicle_id: string; offset: string; errors: { code: string; pointer: string; message: string }[] }>(
    'select vehicle_id, "offset", errors from dead_letters order by vehicle_id',
  );
  expect(letters.map(({ vehicle_id, errors }) => [vehicle_id, errors.map(({ code, pointer }) => `${code} ${pointer}`)])).toEqual([
    ['alone', ['not_storable ']],
    ['mixed', ['not_storable /4', 'not_storable /13']],
    ['single', ['not_storable ']],
  ]);
  expect(letters[1]).toMatchObject({ offset: String(offset), errors: [{ message: expect.stringContaining('locations_no_poison') }, {}] });
});

it('a table that takes nothing stops ingest: no record is blamed for it', async () => {
  const ingest = await ingestScope(scope, { partitions: 1 });
  await ingest.rows('alter table locations add constraint locations_closed check (latitude > 1000)');
  for (let n = 0; n < 3; n += 1) await ingest.send({ vehicle: `v${n}`, payload: fix(n) });
  const app = await ingest.start({}).catch(() => undefined);
  await app?.waitForLog('app.failed', 20_000);
  expect(await ingest.scalar('select count(*)::int from dead_letters')).toBe(0);
  expect(await ingest.scalar('select next_offset::int from kafka_offsets where topic = $1', [topics.location])).toBe(0);

  await ingest.rows('alter table locations drop constraint locations_closed');
  await ingest.start();
  await ingest.settled();
  expect(await ingest.scalar('select count(*)::int from locations')).toBe(3);
});
