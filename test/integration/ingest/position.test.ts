import { topics } from '@milepost/contracts';
import { useTestScope } from '@milepost/test-support';
import { expect, it } from 'vitest';
import { ingestScope } from './ingest-scope.js';

const scope = useTestScope();
const fix = { recordedAt: Date.now(), latitude: 1, longitude: 1 };

it('a position below the start of the log is said loudly, and what is there is stored', async () => {
  const ingest = await ingestScope(scope, { partitions: 1 });
  for (let n = 0; n < 5; n += 1) await ingest.send({ vehicle: 'v1', payload: { ...fix, sequence: n } });
  const admin = await ingest.topics.connection.admin();
  await admin.deleteTopicRecords({
    topic: ingest.topics.connection.physicalTopic(topics.location),
    partitions: [{ partition: 0, offset: '3' }],
  });
  const clusterId = await ingest.topics.connection.clusterId();
  await ingest.rows(`insert into kafka_offsets (consumer, cluster_id, topic, partition, next_offset) values ('ingest', $1, $2, 0, 1)`, [
    clusterId,
    topics.location,
  ]);
  const app = await ingest.start();
  await ingest.settled();
  expect(await ingest.rows('select sequence from locations order by 1')).toEqual([{ sequence: '3' }, { sequence: '4' }]);
  expect(await app.metric('milepost_ingest_offset_below_log_start_total')).toBe(1);
  expect(await app.waitForLog('ingest.position.below-log-start')).toMatchObject({ level: 'error', position: '1', logStart: '3' });
});

it('a position above the end of the log stops ingest, which says how to mend it', async () => {
  const ingest = await ingestScope(scope, { partitions: 1 });
  const clusterId = await ingest.topics.connection.clusterId();
  await ingest.rows(`insert into kafka_offsets (consumer, cluster_id, topic, partition, next_offset) values ('ingest', $1, $2, 0, 100)`, [
    clusterId,
    topics.location,
  ]);
  await expect(ingest.start()).rejects.toThrow(/kafka_offsets/);
  expect(await ingest.scalar('select next_offset::int from kafka_offsets where topic = $1', [topics.location])).toBe(100);
});

it('positions of another Kafka stop ingest, which says how to mend it', async () => {
  const ingest = await ingestScope(scope, { partitions: 1 });
  await ingest.rows(
    `insert into kafka_offsets (consumer, cluster_id, topic, partition, next_offset) values ('ingest', 'other-cluster', $1, 0, 5)`,
    [topics.location],
  );
  await expect(ingest.start()).rejects.toThrow(/other-cluster.*delete from kafka_offsets/);
});

it('a partition count that is not the recorded one stops ingest', async () => {
  const ingest = await ingestScope(scope, { partitions: 1 });
  await ingest.rows('update kafka_topics set partitions = 7 where topic = $1', [topics.diagnostics]);
  await expect(ingest.start()).rejects.toThrow(/fleet\.diagnostics has 1 partitions, and 7 are recorded/);
});

it('dead letters of a Kafka that was replaced are not mixed with those of the new one', async () => {
  const ingest = await ingestScope(scope, { partitions: 1 });
  await ingest.rows(`insert into organisations (name) values ('former')`);
  await ingest.rows(
    `insert into dead_letters (topic, partition, "offset", organisation_id, vehicle_id, record_timestamp, record_key, payload, errors, error_count)
     select $1, 0, 0, id, 'theirs', now(), 'theirs', '', '[]', 1 from organisations where name = 'former'`,
    [topics.location],
  );
  await ingest.send({ vehicle: 'ours', payload: 'no JSON', organisation: 'present' });
  await ingest.start();
  await ingest.settled();
  const [letter, ...others] = await ingest.rows<{ payload: Buffer }>(
    `select o.name as organisation, vehicle_id, record_key, payload from dead_letters d join organisations o on o.id = d.organisation_id`,
  );
  expect(others).toEqual([]);
  expect(letter).toMatchObject({ organisation: 'present', vehicle_id: 'ours', record_key: 'ours' });
  expect(String(letter?.payload)).toBe('no JSON');
});

it('a vehicle that two organisations claim in one batch belongs to the one that came first', async () => {
  const ingest = await ingestScope(scope, { partitions: 1 });
  await ingest.send({ vehicle: 'v1', payload: fix, organisation: 'first' });
  await ingest.send({ vehicle: 'v1', payload: { ...fix, sequence: 2 }, organisation: 'second' });
  await ingest.start();
  await ingest.settled();
  expect(await ingest.rows('select o.name from vehicles v join organisations o on o.id = v.organisation_id')).toEqual([{ name: 'first' }]);
  expect(await ingest.scalar('select count(*)::int from locations')).toBe(1);
});
