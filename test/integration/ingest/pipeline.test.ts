import { gzipSync } from 'node:zlib';
import { topics } from '@milepost/contracts';
import { eventually, type TestApp, useTestScope } from '@milepost/test-support';
import { beforeAll, describe, expect, it } from 'vitest';
import { type IngestScope, ingestScope } from './ingest-scope.js';
import { fix, now, StoredItems } from './stored-items.js';

const scope = useTestScope();
let ingest: IngestScope;
let stored: StoredItems;
let app: TestApp;

beforeAll(async () => {
  ingest = await ingestScope(scope);
  stored = new StoredItems(ingest);
  app = await ingest.start();
});

describe('location', () => {
  it('is stored once, however often it comes', async () => {
    const batch = [fix(3), fix(2), fix(2)];
    await ingest.send({ vehicle: 'twice', payload: batch });
    await ingest.send({ vehicle: 'twice', payload: batch });
    await ingest.send({ vehicle: 'twice', payload: { ...fix(2), vehicleId: 'twice' } });
    await ingest.settled();
    expect(await stored.locationsOf('twice')).toHaveLength(2);
    expect(await stored.deadLettersOf('twice')).toEqual([]);
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
    expect(await stored.locationsOf('full')).toEqual([
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
    expect(await stored.latestOf('full')).toMatchObject({
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
    expect(await stored.locationsOf('late')).toHaveLength(3);
    expect(await stored.latestOf('late')).toMatchObject({
      latitude: 10,
      recorded_at: new Date(now - 300_000),
      last_contact_at: new Date(now),
      last_report_at: new Date(now),
    });
  });

  it('that the clock of a broker dates ahead is heard when it was stored: what it says when that is set right is newer', async () => {
    const diagnostics = { topic: topics.diagnostics, vehicle: 'from-ahead', payload: { recordedAt: now, signals: { a: 1 } } };
    await ingest.send({ vehicle: 'from-ahead', payload: fix(5), timestampMs: now + 3_600_000 });
    await ingest.send({ ...diagnostics, timestampMs: now + 3_600_000 });
    await ingest.settled();
    await ingest.settled(topics.diagnostics);
    const reportedAtMs = async () => Number((await stored.latestOf('from-ahead'))?.last_report_at);
    const before = await reportedAtMs();
    expect(before).toBeLessThan(now + 600_000);
    await ingest.send({ vehicle: 'from-ahead', payload: fix(4), timestampMs: Date.now() });
    await ingest.settled();
    expect(await reportedAtMs()).toBeGreaterThan(before);
  });

  it('without a fix, at 0/0, or from a clock ahead is stored and never the position', async () => {
    const ahead = { ...fix(-10), latitude: 1 };
    await ingest.send({
      vehicle: 'nofix',
      payload: [{ recordedAt: now, fixValid: false }, { recordedAt: now + 1, latitude: 0, longitude: 0 }, ahead],
      timestampMs: now,
    });
    await ingest.settled();
    expect((await stored.locationsOf('nofix')).map((row) => [row.fix_valid, row.clock_suspect])).toEqual([
      [false, false],
      [false, false],
      [true, true],
    ]);
    expect(await stored.latestOf('nofix')).toMatchObject({ recorded_at: null, latitude: null, last_contact_at: new Date(now) });
  });

  it('is unpacked when it comes as gzip', async () => {
    await ingest.send({ vehicle: 'packed', payload: gzipSync(JSON.stringify([fix(1), fix(2)])), headers: { 'content-encoding': 'gzip' } });
    await ingest.settled();
    expect(await stored.locationsOf('packed')).toHaveLength(2);
  });

  it('gets the partition of its day when there is none yet', async () => {
    const old = now - 40 * 86_400_000;
    await ingest.send({ vehicle: 'old', payload: [{ ...fix(0), recordedAt: old }, fix(0)] });
    await ingest.settled();
    expect(await stored.locationsOf('old')).toHaveLength(2);
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
    const [one, two] = await Promise.all([stored.latestOf('order-1'), stored.latestOf('order-2')]);
    expect(one).toMatchObject({
      recorded_at: two?.recorded_at,
      identity: two?.identity,
      speed_kph: two?.speed_kph,
      latitude: two?.latitude,
    });
    expect(await stored.locationsOf('order-1')).toHaveLength(40);
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
    expect(await stored.latestOf('talker')).toMatchObject({
      status: 'offline',
      status_reason: 'ignition off',
      last_contact_at: new Date(now),
      last_report_at: null,
    });
    expect(await stored.deadLettersOf('talker')).toMatchObject([{ topic, errors: [{ code: 'invalid_field', pointer: '/status' }] }]);
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
