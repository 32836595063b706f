import { gzipSync } from 'node:zlib';
import { topics } from '@milepost/contracts';
import { createLogTail, type LogRecord } from '@milepost/kafka';
import { createLogger } from '@milepost/runtime';
import { eventually, type TestApp, useTestScope } from '@milepost/test-support';
import { beforeAll, describe, expect, it } from 'vitest';
import { type IngestScope, ingestScope } from './ingest-scope.js';

const scope = useTestScope();
let ingest: IngestScope;
let app: TestApp;
const now = Date.now();
const fix = (minutesAgo: number, more: object = {}) => ({
  recordedAt: now - minutesAgo * 60_000,
  latitude: 51.5,
  longitude: 7.25,
  ...more,
});

beforeAll(async () => {
  ingest = await ingestScope(scope);
  app = await ingest.start();
});

const locationsOf = (vehicle: string) =>
  ingest.rows<Record<string, unknown>>(
    'select l.* from locations l join vehicles v on v.id = l.vehicle where v.vehicle_id = $1 order by recorded_at, identity',
    [vehicle],
  );
const latestOf = async (vehicle: string) =>
  (
    await ingest.rows<Record<string, unknown>>(
      'select p.* from latest_positions p join vehicles v on v.id = p.vehicle where v.vehicle_id = $1',
      [vehicle],
    )
  )[0];
const deadLettersOf = (vehicle: string | null) =>
  ingest.rows<{
    topic: string;
    partition: number;
    offset: string;
    errors: { code: string; pointer: string }[];
    error_count: number;
    payload: Buffer;
    resolved_at: Date | null;
    organisation: string;
  }>(
    'select d.*, o.name as organisation from dead_letters d join organisations o on o.id = d.organisation_id where d.vehicle_id is not distinct from $1 order by "offset"',
    [vehicle],
  );

describe('location', () => {
  it('is stored once, however often it comes', async () => {
    const batch = [fix(3), fix(2), fix(2)];
    await ingest.send({ vehicle: 'twice', payload: batch });
    await ingest.send({ vehicle: 'twice', payload: batch });
    await ingest.send({ vehicle: 'twice', payload: { ...fix(2), vehicleId: 'twice' } });
    await ingest.settled();
    expect(await locationsOf('twice')).toHaveLength(2);
    expect(await deadLettersOf('twice')).toEqual([]);
  });

  it('keeps every field, and those that nobody knows', async () => {
    const sent = fix(1, {
      sequence: 7,
      altitudeM: 120.5,
      speedKph: 88,
      headingDeg: 359.9,
      accuracyM: 3,
      hdop: 0.9,
      satellites: 11,
      odometerKm: 123_456.7,
      ignition: true,
      fuelLevelPct: 44.5,
      driverId: 'd "1"\\',
      events: [{ name: 'harsh_braking', severity: 'warning' }],
      attributes: { tenant: 'é{},"' },
      tpms: { front: [2.4, 2.5] },
    });
    await ingest.send({ vehicle: 'full', payload: sent, timestampMs: now });
    await ingest.settled();
    expect(await locationsOf('full')).toEqual([
      expect.objectContaining({
        recorded_at: new Date(now - 60_000),
        received_at: new Date(now),
        latitude: 51.5,
        longitude: 7.25,
        fix_valid: true,
        clock_suspect: false,
        sequence: '7',
        altitude_m: 120.5,
        speed_kph: 88,
        heading_deg: 359.9,
        accuracy_m: 3,
        hdop: 0.9,
        satellites: 11,
        odometer_km: 123_456.7,
        ignition: true,
        fuel_level_pct: 44.5,
        driver_id: 'd "1"\\',
        events: [{ name: 'harsh_braking', severity: 'warning' }],
        attributes: { tenant: 'é{},"', tpms: { front: [2.4, 2.5] } },
      }),
    ]);
    expect(await latestOf('full')).toMatchObject({
      speed_kph: 88,
      driver_id: 'd "1"\\',
      clock_offset_ms: '-60000',
      attributes: { tenant: 'é{},"' },
    });
  });

  it('of a late fix does not move the position back, but is heard', async () => {
    await ingest.send({ vehicle: 'late', payload: fix(5, { latitude: 10 }), timestampMs: now - 60_000 });
    await ingest.settled();
    await ingest.send({ vehicle: 'late', payload: [fix(60, { latitude: 20 }), fix(6, { latitude: 30 })], timestampMs: now });
    await ingest.settled();
    expect(await locationsOf('late')).toHaveLength(3);
    expect(await latestOf('late')).toMatchObject({
      latitude: 10,
      recorded_at: new Date(now - 300_000),
      last_contact_at: new Date(now),
      last_report_at: new Date(now),
    });
  });

  it('without a fix, at 0/0, or from a clock ahead is stored and never the position', async () => {
    const ahead = { ...fix(-10), latitude: 1 };
    await ingest.send({
      vehicle: 'nofix',
      payload: [{ recordedAt: now, fixValid: false }, { recordedAt: now + 1, latitude: 0, longitude: 0 }, ahead],
      timestampMs: now,
    });
    await ingest.settled();
    expect((await locationsOf('nofix')).map((row) => [row.fix_valid, row.clock_suspect])).toEqual([
      [false, false],
      [false, false],
      [true, true],
    ]);
    expect(await latestOf('nofix')).toMatchObject({ recorded_at: null, latitude: null, last_contact_at: new Date(now) });
  });

  it('is unpacked when it comes as gzip', async () => {
    await ingest.send({ vehicle: 'packed', payload: gzipSync(JSON.stringify([fix(1), fix(2)])), headers: { 'content-encoding': 'gzip' } });
    await ingest.settled();
    expect(await locationsOf('packed')).toHaveLength(2);
  });

  it('gets the partition of its day when there is none yet', async () => {
    const old = now - 40 * 86_400_000;
    await ingest.send({ vehicle: 'old', payload: [{ ...fix(0), recordedAt: old }, fix(0)] });
    await ingest.settled();
    expect(await locationsOf('old')).toHaveLength(2);
    expect(await app.metric('milepost_ingest_partitions_total', { table: 'locations', change: 'made' })).toBeGreaterThan(0);
  });

  it('ends at the same latest position in whatever order and pieces fixes come', async () => {
    const fixes = Array.from({ length: 40 }, (_, i) => fix(i % 8, { speedKph: i, latitude: i }));
    const shuffled = [...fixes, ...fixes]
      .map((item, i) => ({ item, at: Math.sin(i * 12.9898) }))
      .sort((a, b) => a.at - b.at)
      .map(({ item }) => item);
    for (const item of shuffled) await ingest.send({ vehicle: 'order-1', payload: item });
    await ingest.send({ vehicle: 'order-2', payload: fixes });
    await ingest.settled();
    const [one, two] = await Promise.all([latestOf('order-1'), latestOf('order-2')]);
    expect(one).toMatchObject({
      recorded_at: two?.recorded_at,
      identity: two?.identity,
      speed_kph: two?.speed_kph,
      latitude: two?.latitude,
    });
    expect(await locationsOf('order-1')).toHaveLength(40);
  });
});

describe('dead letters', () => {
  it('hold a wrong item with its pointer, while its neighbours are stored', async () => {
    const payload = [fix(4), fix(3, { latitude: 91 }), { latitude: 1, longitude: 1 }, fix(2, { vehicleId: 'other' }), fix(1)];
    const { partition, offset } = await ingest.send({ vehicle: 'wrong', payload });
    await ingest.settled();
    expect(await locationsOf('wrong')).toHaveLength(2);
    const letters = await deadLettersOf('wrong');
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
    expect((await deadLettersOf(`bad-${name}`)).map(({ errors }) => errors)).toEqual([[expect.objectContaining({ code, pointer })]]);
  });

  it('hold records of nobody, and of an organisation that does not own the vehicle, which change no state', async () => {
    await ingest.send({ vehicle: null, payload: fix(1) });
    await ingest.send({ vehicle: 'anonymous', payload: fix(1), organisation: null });
    await ingest.send({ vehicle: 'owned', payload: fix(2), organisation: 'acme' });
    await ingest.settled();
    const before = await latestOf('owned');
    await ingest.send({ vehicle: 'owned', payload: fix(1), organisation: 'intruder' });
    await ingest.settled();
    expect(await deadLettersOf(null)).toMatchObject([{ organisation: 'default', errors: [{ code: 'missing_key' }] }]);
    expect(await deadLettersOf('anonymous')).toMatchObject([{ organisation: 'default', errors: [{ code: 'missing_organisation' }] }]);
    expect(await deadLettersOf('owned')).toMatchObject([{ organisation: 'intruder', errors: [{ code: 'wrong_organisation' }] }]);
    expect(await latestOf('owned')).toEqual(before);
  });

  it('are updated by a replay that fails again, and resolved by one that does not', async () => {
    const { partition, offset } = await ingest.send({ vehicle: 'replayed', payload: [fix(2), fix(1, { latitude: 91 })] });
    await ingest.settled();
    const headers = { 'replay-of': `${topics.location}/${partition}/${offset}` };
    await ingest.send({ vehicle: 'replayed', payload: [fix(2), fix(1, { longitude: 181 })], headers });
    await ingest.settled();
    expect(await deadLettersOf('replayed')).toMatchObject([
      { offset: String(offset), errors: [{ pointer: '/1/longitude' }], resolved_at: null },
    ]);
    await ingest.send({ vehicle: 'replayed', payload: [fix(2), fix(1)], headers });
    await ingest.settled();
    expect(await deadLettersOf('replayed')).toMatchObject([{ offset: String(offset), resolved_at: expect.any(Date) }]);
    expect(await locationsOf('replayed')).toHaveLength(2);
  });

  it('are relayed to Kafka with the payload, the headers of the source, and the reasons', async () => {
    const seen: LogRecord[] = [];
    const tail = createLogTail(ingest.topics.connection, {
      topic: topics.deadLetter,
      logger: createLogger({ app: 'test', level: 'error' }),
      from: 'start',
      onRecord: (record) => void seen.push(record),
      onFatal: (error) => {
        throw error;
      },
    });
    scope.onEnd(() => tail.close());
    const { partition, offset } = await ingest.send({ vehicle: 'relayed', payload: '{', headers: { traceparent: '00-abc-def-01' } });
    await tail.start();
    const record = await eventually(() => {
      const found = seen.find(({ key }) => key === 'relayed');
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

describe('diagnostics', () => {
  it('are history, newest signals and DTC states in recordedAt order', async () => {
    const report = (minutesAgo: number, fuel: number, status: string) => ({
      recordedAt: now - minutesAgo * 60_000,
      signals: { 'Vehicle.Powertrain.FuelSystem.RelativeLevel': fuel, 'Vehicle.Cabin.Note': null },
      dtcs: [
        { code: 'P0420', status },
        { spn: 190, fmi: 0, oc: 3, status: 'active' },
      ],
      engineHours: 1_234.5,
    });
    const topic = topics.diagnostics;
    await ingest.send({ topic, vehicle: 'sick', payload: report(10, 60, 'active') });
    await ingest.send({ topic, vehicle: 'sick', payload: report(2, 40, 'cleared') });
    await ingest.settled(topic);
    await ingest.send({ topic, vehicle: 'sick', payload: report(30, 80, 'pending') });
    await ingest.send({ topic, vehicle: 'sick', payload: report(2, 40, 'cleared') });
    await ingest.settled(topic);
    expect(
      await ingest.scalar(`select count(*)::int from diagnostics d join vehicles v on v.id = d.vehicle where vehicle_id = 'sick'`),
    ).toBe(3);
    expect(
      await ingest.rows(
        `select s.name, value from latest_signals s join vehicles v on v.id = s.vehicle where vehicle_id = 'sick' order by 1`,
      ),
    ).toMatchObject([{ value: null }, { value: 40 }]);
    expect(
      await ingest.rows(
        `select dtc, code, spn, fmi, oc, s.status, s.first_seen_at, s.last_seen_at from dtc_states s join vehicles v on v.id = s.vehicle where vehicle_id = 'sick' order by dtc`,
      ),
    ).toEqual([
      {
        dtc: '190/0',
        code: null,
        spn: 190,
        fmi: 0,
        oc: 3,
        status: 'active',
        first_seen_at: new Date(now - 1_800_000),
        last_seen_at: new Date(now - 120_000),
      },
      {
        dtc: 'P0420',
        code: 'P0420',
        spn: null,
        fmi: null,
        oc: null,
        status: 'cleared',
        first_seen_at: new Date(now - 1_800_000),
        last_seen_at: new Date(now - 120_000),
      },
    ]);
  });
});

describe('status', () => {
  it('is history, and the last one is shown', async () => {
    const topic = topics.status;
    await ingest.send({ topic, vehicle: 'talker', payload: { status: 'online' }, timestampMs: now - 2_000 });
    await ingest.send({
      topic,
      vehicle: 'talker',
      payload: { status: 'offline', reason: 'ignition off', battery: 12.1 },
      timestampMs: now - 1_000,
    });
    await ingest.send({ topic, vehicle: 'talker', payload: { status: 'asleep' }, timestampMs: now });
    await ingest.settled(topic);
    expect(await ingest.rows(`select status, reason, attributes from status_reports order by source_offset`)).toEqual([
      { status: 'online', reason: null, attributes: null },
      { status: 'offline', reason: 'ignition off', attributes: { battery: 12.1 } },
    ]);
    expect(await latestOf('talker')).toMatchObject({
      status: 'offline',
      status_reason: 'ignition off',
      last_contact_at: new Date(now),
      last_report_at: null,
    });
    expect(await deadLettersOf('talker')).toMatchObject([{ topic, errors: [{ code: 'invalid_field', pointer: '/status' }] }]);
  });
});

describe('completeness', () => {
  it('goes on while nothing comes, up to the time of the last look', async () => {
    await ingest.settled();
    const before = Date.now();
    await eventually(
      async () => {
        const rows = await ingest.rows<{ complete_until: Date | null }>(`select complete_until from kafka_offsets where topic = any($1)`, [
          [topics.location, topics.diagnostics],
        ]);
        expect(rows).toHaveLength(4);
        for (const row of rows) expect(row.complete_until?.getTime() ?? 0).toBeGreaterThan(before);
      },
      { timeoutMs: 10_000 },
    );
  });
});

describe('leaving', () => {
  it('drains on SIGTERM and exits with 0', async () => {
    expect(await app.stop()).toBe(0);
  });
});
