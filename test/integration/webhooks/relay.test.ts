import { randomUUID } from 'node:crypto';
import { recordPartitions } from '@milepost/database';
import { headerText, partitionOf } from '@milepost/kafka';
import { eventually, readTopic, useTestScope } from '@milepost/test-support';
import { expect, it } from 'vitest';
import { createOrganisation } from './outbox.js';

const scope = useTestScope();

function alertOf(value: Buffer | null): { id: string; n: number } {
  return (JSON.parse(String(value)) as { data: { alert: { id: string; n: number } } }).data.alert;
}

it('every event reaches fleet.alerts as a CloudEvent, in the order of its alert, whichever of two processes relays', async () => {
  const [database, topics] = await Promise.all([scope.database(), scope.topics()]);
  const org = await createOrganisation(database.owner);
  const environment = { ...topics.environment, DATABASE_URL: database.urlFor('milepost_webhooks'), WEBHOOK_POLL_MS: '50' };
  const [first] = await Promise.all([scope.app('webhooks', environment), scope.app('webhooks', environment)]);
  const subjects = Array.from({ length: 10 }, () => randomUUID());
  const ids: string[] = [];
  const write = async (n: number) => ids.push(...(await Promise.all(subjects.map((subject) => org.event(subject, n)))));

  for (const n of [1, 2, 3]) await write(n);
  expect(await first.stop()).toBe(0);
  for (const n of [4, 5, 6]) await write(n);

  const { records } = await readTopic(scope, topics, 'fleet.alerts');
  await eventually(() => expect(new Set(records.map((record) => headerText(record, 'ce_id')))).toEqual(new Set(ids)), {
    timeoutMs: 30_000,
  });

  for (const subject of subjects) {
    const numbers = records.map(({ value }) => alertOf(value)).flatMap(({ id, n }) => (id === subject ? [n] : []));
    // At least once: a copy may come again, never an event before its predecessor.
    expect([...new Set(numbers)]).toEqual([1, 2, 3, 4, 5, 6]);
  }
  const record = records[0];
  expect(record?.key).toMatch(/^vehicle-/);
  expect(Object.fromEntries(Object.entries(record?.headers ?? {}).map(([name, value]) => [name, String(value)]))).toMatchObject({
    ce_specversion: '1.0',
    ce_source: '/alerts',
    ce_type: 'milepost.alert.opened.v1',
    'content-type': 'application/json',
    organisation: org.name,
  });
  await eventually(async () => expect((await database.owner.query('select from outbox where relayed_at is null')).rowCount).toBe(0));
});

it.each([
  ['nothing', {}],
  ['another number', { KAFKA_PARTITIONS: '12' }],
])('events go to the partitions that the installation was made with where KAFKA_PARTITIONS says %s', async (_, said) => {
  const [database, topics] = await Promise.all([scope.database(), scope.topics({ partitions: 4 })]);
  await recordPartitions(database.owner, new Map([['fleet.alerts', 4]]));
  const org = await createOrganisation(database.owner);
  const { KAFKA_PARTITIONS: _madeWith, ...unsaid } = topics.environment;
  const app = await scope.app('webhooks', { ...unsaid, ...said, DATABASE_URL: database.urlFor('milepost_webhooks') });
  const ids = await Promise.all(Array.from({ length: 20 }, (_event, n) => org.event(randomUUID(), n)));
  const { records } = await readTopic(scope, topics, 'fleet.alerts');
  await eventually(() => expect(new Set(records.map((record) => headerText(record, 'ce_id')))).toEqual(new Set(ids)), {
    timeoutMs: 30_000,
  });
  // As Kafka's own clients would place them: whoever writes beside milepost finds a vehicle in the same partition.
  for (const { key, partition } of records) expect(partition).toBe(partitionOf(key ?? '', 4));
  expect(await app.waitForLog('relay.leading')).toMatchObject({ partitions: 4 });
  expect(await app.stop()).toBe(0);
});

it('nothing is relayed by who takes the topic for one of other partitions, and it says what to do; webhooks go out all the same', async () => {
  const [database, topics] = await Promise.all([scope.database(), scope.topics({ partitions: 2 })]);
  const org = await createOrganisation(database.owner);
  const environment = { ...topics.environment, DATABASE_URL: database.urlFor('milepost_webhooks'), KAFKA_PARTITIONS: '12' };
  await org.event(randomUUID(), 1);
  const app = await scope.app('webhooks', environment);
  const { err } = await app.waitForLog('loop.failed', 30_000);
  expect(err).toMatchObject({ message: expect.stringMatching(/fleet\.alerts has 2 partitions, and 12 are .*KAFKA_PARTITIONS=2/) });
  expect(await app.ready()).toBe(true);
  expect((await database.owner.query('select from outbox where relayed_at is not null')).rowCount).toBe(0);
  expect(await app.stop()).toBe(0);
});
