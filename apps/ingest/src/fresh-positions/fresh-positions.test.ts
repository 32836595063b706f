import type { BoundStatement } from '@milepost/database';
import type { LogRecord, LogTail } from '@milepost/kafka';
import { createLogger, createMetrics } from '@milepost/runtime';
import { beforeEach, expect, it } from 'vitest';
import { FieldMappings } from '../messages/field-mapping.js';
import { createIngestMetrics } from '../metrics.js';
import { FreshPositions } from './fresh-positions.js';
import { LATE_MS, Lateness } from './lateness.js';

const now = 1_800_000_000_000;

/** The log's end as a test wants it. */
class FakeTail implements LogTail {
  closed = false;
  readonly ready = true;
  constructor(
    readonly from: number | 'end',
    readonly deliver: (record: LogRecord) => void | Promise<void>,
    readonly fail: (error: Error) => void,
    private readonly starts: () => Promise<void>,
  ) {}
  start = () => this.starts();
  readToEnd = async () => undefined;
  positions = () => new Map<number, bigint>();
  close = async () => {
    this.closed = true;
  };
}

let tails: FakeTail[];
let written: { vehicles: unknown; latitudes: unknown }[];
let refuse: (vehicles: readonly unknown[]) => Error | undefined;
let starts: () => Promise<void>;
let lateness: Lateness;
let fresh: FreshPositions;

beforeEach(() => {
  tails = [];
  written = [];
  refuse = () => undefined;
  starts = async () => undefined;
  lateness = new Lateness();
  fresh = new FreshPositions({
    lateness,
    openTail: (from, onRecord, onFatal) => {
      const tail = new FakeTail(from === 'end' ? from : from.timestampMs, onRecord, onFatal, () => starts());
      tails.push(tail);
      return tail;
    },
    identify: async (records) =>
      records.map(({ key }) =>
        key?.startsWith('known-')
          ? { kind: 'known', vehicleId: key, vehicle: Number(key.slice(6)), organisationId: 1 }
          : { kind: 'refused', vehicleId: key, organisationId: 1, fault: { code: 'vehicle_refused', pointer: '', message: 'new' } },
      ),
    write: async (statements: readonly BoundStatement[]) => {
      const [latest] = statements;
      const vehicles = latest?.values[0] as unknown[];
      const error = refuse(vehicles);
      if (error) throw error;
      written.push({ vehicles, latitudes: latest?.values[7] });
    },
    rules: { clock: { aheadLimitMs: 120_000, retentionDays: 90 }, mappings: new FieldMappings({}), maxRows: 5_000, maxBytes: 4_000_000 },
    metrics: createIngestMetrics(createMetrics('test')),
    logger: createLogger({ app: 'test', level: 'silent' }),
    now: () => now,
  });
});

function record({ vehicle = 1, known = true, partition = 0, latitude = 50, ageMs = 0 }): LogRecord {
  const value = Buffer.from(JSON.stringify({ recordedAt: now - ageMs, latitude, longitude: 8 }));
  return {
    topic: 'fleet.location',
    partition,
    offset: 7n,
    timestampMs: now - ageMs,
    key: `${known ? 'known' : 'new'}-${vehicle}`,
    value,
    headers: {},
  };
}

const late = (partition: number) => lateness.reading({ partition, records: [record({ ageMs: LATE_MS + 1 })] }, now);

it('follows no log while nothing is late', async () => {
  await fresh.look();
  expect(tails).toEqual([]);
});

it('moves the newest position of known vehicles in late partitions, and nothing else', async () => {
  late(0);
  await fresh.look();
  expect(tails[0]?.from).toBe(now - 60_000);
  await tails[0]?.deliver(record({ vehicle: 1, latitude: 51, ageMs: 1_000 }));
  await tails[0]?.deliver(record({ vehicle: 1, latitude: 52 }));
  await tails[0]?.deliver(record({ vehicle: 2, partition: 1 }));
  await tails[0]?.deliver(record({ vehicle: 3, known: false }));
  await fresh.look();
  expect(written).toEqual([{ vehicles: [1], latitudes: [52] }]);
});

it('lets the log go when the backlog is read', async () => {
  late(0);
  await fresh.look();
  lateness.reset();
  await fresh.look();
  expect(tails.map(({ closed }) => closed)).toEqual([true]);
});

it('leaves to the main reader what Postgres refuses, and writes its neighbours', async () => {
  refuse = (vehicles) => (vehicles.includes(2) ? Object.assign(new Error('out of range'), { code: '22003' }) : undefined);
  late(0);
  await fresh.look();
  for (const vehicle of [1, 2, 3]) await tails[0]?.deliver(record({ vehicle }));
  await fresh.look();
  expect(written.flatMap(({ vehicles }) => vehicles)).toEqual([1, 3]);
});

it('goes on behind a Postgres that is away', async () => {
  refuse = () => Object.assign(new Error('terminating connection'), { code: '57P01' });
  late(0);
  await fresh.look();
  await tails[0]?.deliver(record({ vehicle: 1, latitude: 51 }));
  await fresh.look();
  refuse = () => undefined;
  await tails[0]?.deliver(record({ vehicle: 1, latitude: 52 }));
  await fresh.look();
  expect(written).toEqual([{ vehicles: [1], latitudes: [52] }]);
});

it('begins anew where it falls behind itself, where the log is lost, and where it could not begin', async () => {
  late(0);
  await fresh.look();
  await tails[0]?.deliver(record({ ageMs: 121_000 }));
  await fresh.look();
  expect(tails.map(({ closed }) => closed)).toEqual([true]);
  await fresh.look();
  expect(tails[1]?.from).toBe('end');
  tails[1]?.fail(new Error('the client has given up'));
  expect(tails.map(({ closed }) => closed)).toEqual([true, true]);
  starts = () => Promise.reject(new Error('broken off'));
  await expect(fresh.look()).rejects.toThrow('broken off');
  starts = async () => undefined;
  await fresh.look();
  expect(tails.map(({ closed }) => closed)).toEqual([true, true, true, false]);
});

it('writes before more has come than one statement should hold', async () => {
  late(0);
  await fresh.look();
  for (let n = 0; n < 5_000; n += 1) await tails[0]?.deliver(record({ vehicle: n }));
  expect(written.flatMap(({ vehicles }) => vehicles)).toHaveLength(5_000);
});
