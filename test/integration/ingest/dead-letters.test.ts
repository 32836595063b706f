import { topics } from '@milepost/contracts';
import { eventually, readTopic, useTestScope } from '@milepost/test-support';
import { beforeAll, describe, expect, it } from 'vitest';
import { type IngestScope, ingestScope } from './ingest-scope.js';
import { fix, now, StoredItems } from './stored-items.js';

const scope = useTestScope();
let ingest: IngestScope;
let stored: StoredItems;

beforeAll(async () => {
  ingest = await ingestScope(scope);
  stored = new StoredItems(ingest);
  await ingest.start();
});

describe('dead letters', () => {
  it('hold a wrong item with its pointer, while its neighbours are stored', async () => {
    const payload = [fix(4), fix(3, { latitude: 91 }), { latitude: 1, longitude: 1 }, fix(2, { vehicleId: 'other' }), fix(1)];
    const { partition, offset } = await ingest.send({ vehicle: 'wrong', payload });
    await ingest.settled();
    expect(await stored.locationsOf('wrong')).toHaveLength(2);
    const letters = await stored.deadLettersOf('wrong');
    expect(letters).toHaveLength(1);
    expect(letters[0]).toMatchObject({ topic: topics.location, partition, offset: String(offset), error_count: 3 });
    expect(letters[0]?.errors.map(({ code, pointer }) => [code, pointer])).toEqual([
      ['invalid_field', '/1/latitude'],
      ['missing_field', '/2/recordedAt'],
      ['vehicle_id_mismatch', '/3/vehicleId'],
    ]);
    expect(JSON.parse(letters[0]?.payload.toString() ?? '')).toEqual(payload);
  });

  it.each([
    ['json', '{"recordedAt":1,"latitude":NaN}', 'invalid_json', ''],
    ['nul', JSON.stringify(fix(1, { driverId: 'a\0b' })), 'not_storable', '/driverId'],
    ['surrogate', `{"recordedAt":${now},"latitude":1,"longitude":1,"x":"\\ud800"}`, 'not_storable', '/x'],
    ['future', JSON.stringify(fix(-1_500)), 'recorded_in_future', '/recordedAt'],
    ['past', JSON.stringify(fix(91 * 1_440)), 'recorded_too_old', '/recordedAt'],
  ])('say what is wrong with a whole record (%s)', async (name, payload, code, pointer) => {
    await ingest.send({ vehicle: `bad-${name}`, payload });
    await ingest.settled();
    expect((await stored.deadLettersOf(`bad-${name}`)).map(({ errors }) => errors)).toEqual([[expect.objectContaining({ code, pointer })]]);
  });

  it('hold records of nobody, and of an organisation that does not own the vehicle, which change no state', async () => {
    await ingest.send({ vehicle: null, payload: fix(1) });
    await ingest.send({ vehicle: 'anonymous', payload: fix(1), organisation: null });
    await ingest.send({ vehicle: 'owned', payload: fix(2), organisation: 'acme' });
    await ingest.settled();
    const before = await stored.latestOf('owned');
    await ingest.send({ vehicle: 'owned', payload: fix(1), organisation: 'intruder' });
    await ingest.settled();
    expect(await stored.deadLettersOf(null)).toMatchObject([{ organisation: 'default', errors: [{ code: 'missing_key' }] }]);
    expect(await stored.deadLettersOf('anonymous')).toMatchObject([
      { organisation: 'default', errors: [{ code: 'missing_organisation' }] },
    ]);
    expect(await stored.deadLettersOf('owned')).toMatchObject([{ organisation: 'intruder', errors: [{ code: 'wrong_organisation' }] }]);
    expect(await stored.latestOf('owned')).toEqual(before);
  });

  it('are updated by a replay that fails again, and resolved by one that does not', async () => {
    const { partition, offset } = await ingest.send({ vehicle: 'replayed', payload: [fix(2), fix(1, { latitude: 91 })] });
    await ingest.settled();
    const headers = { 'replay-of': `${topics.location}/${partition}/${offset}` };
    await ingest.send({ vehicle: 'replayed', payload: [fix(2), fix(1, { longitude: 181 })], headers });
    await ingest.settled();
    expect(await stored.deadLettersOf('replayed')).toMatchObject([
      { offset: String(offset), errors: [{ pointer: '/1/longitude' }], resolved_at: null },
    ]);
    await ingest.send({ vehicle: 'replayed', payload: [fix(2), fix(1)], headers });
    await ingest.settled();
    expect(await stored.deadLettersOf('replayed')).toMatchObject([{ offset: String(offset), resolved_at: expect.any(Date) }]);
    expect(await stored.locationsOf('replayed')).toHaveLength(2);
  });

  it('are relayed to Kafka with the payload, the headers of the source, and the reasons', async () => {
    const { records } = await readTopic(scope, ingest.topics, topics.deadLetter);
    const { partition, offset } = await ingest.send({ vehicle: 'relayed', payload: '{', headers: { traceparent: '00-abc-def-01' } });
    const record = await eventually(() => {
      const found = records.find(({ key }) => key === 'relayed');
      if (!found) throw new Error('not relayed yet');
      return found;
    });
    const headers = Object.fromEntries(Object.entries(record.headers).map(([name, value]) => [name, value.toString()]));
    expect(record.value?.toString()).toBe('{');
    expect(headers).toMatchObject({
      organisation: 'default',
      traceparent: '00-abc-def-01',
      'source-topic': topics.location,
      'source-partition': String(partition),
      'source-offset': String(offset),
      'error-count': '1',
    });
    expect(JSON.parse(headers.errors ?? '')).toEqual([expect.objectContaining({ code: 'invalid_json', pointer: '' })]);
    await eventually(async () => expect(await ingest.scalar('select count(*)::int from dead_letters where relayed_at is null')).toBe(0));
  });
});
