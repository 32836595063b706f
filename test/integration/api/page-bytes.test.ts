import { randomBytes } from 'node:crypto';
import { createApiKey, schema } from '@milepost/database';
import { useTestScope } from '@milepost/test-support';
import { sql } from 'drizzle-orm';
import { beforeAll, describe, expect, test } from 'vitest';
import { type ApiUnderTest, apiUnderTest, everyPage } from './api-under-test.js';

const scope = useTestScope();
let api: ApiUnderTest;
const mebibytes = 1024 * 1024;
const at = (second: number) => new Date(Date.parse('2026-11-24T06:00:00Z') + second * 1_000);
/** Two of them are within 32 MiB; three are not. */
const values = {
  'a value that Postgres compresses': () => 'x'.repeat(12 * mebibytes),
  'one that it cannot compress': () => randomBytes(9 * mebibytes).toString('base64'),
};
const kinds = Object.entries(values).map(([kind, value]) => ({ kind, value, vehicleId: `truck-${kind.length}` }));

beforeAll(async () => {
  api = await apiUnderTest(scope);
});

/** How many items each page has. */
async function pageSizes(url: string): Promise<number[]> {
  const sizes: number[] = [];
  const counting = {
    ...api,
    get: async (of: string) => {
      const answer = await api.get(of);
      sizes.push(answer.body.items?.length);
      return answer;
    },
  };
  await everyPage(counting, url);
  return sizes;
}

describe.each(kinds)('a page ends before 32 MiB, and goes on behind them: $kind', ({ value, vehicleId }) => {
  let truck: number;
  beforeAll(async () => {
    truck = await api.fleet.vehicle(vehicleId);
  });

  test('locations', async () => {
    for (let n = 0; n < 5; n += 1) await api.fleet.location(truck, at(n), { attributes: { n, value: value() } });
    expect(await pageSizes(`/v1/vehicles/${vehicleId}/locations?limit=1000`)).toEqual([2, 2, 1]);
    expect(await pageSizes(`/v1/vehicles/${vehicleId}/locations?limit=2`)).toEqual([2, 2, 1]);
    const items = await everyPage(api, `/v1/vehicles/${vehicleId}/locations`);
    expect(items.map(({ attributes }) => attributes.n)).toEqual([0, 1, 2, 3, 4]);
  });

  test('diagnostics', async () => {
    for (let n = 0; n < 3; n += 1)
      await api.fleet.diagnostics(truck, at(n), { signals: { value: value() }, dtcs: [{ code: 'P0420', status: 'active' }] });
    expect(await pageSizes(`/v1/vehicles/${vehicleId}/diagnostics?limit=1000`)).toEqual([2, 1]);
  });
});

test('reports of a hundred signals each, which Postgres compresses, count as no more than they are', async () => {
  const truck = await api.fleet.vehicle('truck-usual');
  await api.fleet.diagnostics(truck, at(0));
  const { rowCount } = await api.database.owner.query(
    `insert into diagnostics (vehicle, organisation_id, recorded_at, identity, received_at, signals, source_partition, source_offset, feed_epoch)
       select $1, $2, $3::timestamptz + n * interval '1 second', n, now(),
              (select jsonb_object_agg('Vehicle.Powertrain.Signal' || k, k * 1.5) from generate_series(1, 120) k), 0, n, 1
         from generate_series(1, 399) n`,
    [truck, api.fleet.organisationId, at(0)],
  );
  expect(rowCount).toBe(399);
  const { rows } = await api.database.owner.query(
    'select count(*)::int as compressed from diagnostics where vehicle = $1 and pg_column_compression(signals) is not null',
    [truck],
  );
  expect(rows).toEqual([{ compressed: 399 }]);
  expect(await pageSizes('/v1/vehicles/truck-usual/diagnostics?limit=1000')).toEqual([400]);
});

test('an item alone may be as long as it is', async () => {
  const truck = await api.fleet.vehicle('truck-long');
  for (let n = 0; n < 2; n += 1) await api.fleet.location(truck, at(n), { attributes: { value: 'x'.repeat(40 * mebibytes) } });
  expect(await pageSizes('/v1/vehicles/truck-long/locations')).toEqual([1, 1]);
});

test('vehicles and positions end before 32 MiB, by what was last heard of them', async () => {
  const { latestPositions, latestSignals } = schema;
  const { organisationId, db } = api.otherFleet;
  for (let n = 0; n < 5; n += 1) {
    const vehicle = await api.otherFleet.vehicle(`other-${n}`);
    const fix = { recordedAt: at(n), receivedAt: at(n), latitude: 1, longitude: 1, attributes: { value: 'x'.repeat(6 * mebibytes) } };
    await db.insert(latestPositions).values({ vehicle, organisationId, lastContactAt: at(n), ...fix });
    const value = sql`to_jsonb(${'y'.repeat(6 * mebibytes)}::text)`;
    await db.insert(latestSignals).values({ vehicle, organisationId, name: 's', value, recordedAt: at(n), identity: 1n });
  }
  const asOther = { ...api, get: (url: string) => api.get(url, { key: api.keys.other }) };
  const { body: positions } = await asOther.get('/v1/positions?limit=1000');
  expect(positions.items).toHaveLength(5);
  expect((await asOther.get('/v1/vehicles?limit=1000')).body.items).toHaveLength(2);
  expect((await everyPage(asOther, '/v1/vehicles?limit=1000')).map(({ id }) => id)).toEqual([0, 1, 2, 3, 4].map((n) => `other-${n}`));
  await db.execute(
    sql`update latest_positions set attributes = jsonb_build_object('value', ${'x'.repeat(12 * mebibytes)}::text) where organisation_id = ${organisationId}`,
  );
  expect((await asOther.get('/v1/positions?limit=1000')).body.items).toHaveLength(2);
  expect(await everyPage(asOther, '/v1/positions?limit=1000')).toHaveLength(5);
});

test('a page of vehicles goes on where a piece of it ends, and ends where its bytes do', async () => {
  const { rows } = await api.database.owner.query<{ organisation: number }>(
    `with o as (insert into organisations (name) values ('many') returning id),
          v as (insert into vehicles (vehicle_id, organisation_id) select 'm' || to_char(n, 'FM000'), o.id from o, generate_series(0, 299) n returning id, vehicle_id, organisation_id)
     insert into latest_signals (vehicle, organisation_id, name, value, recorded_at, identity)
     select v.id, v.organisation_id, 's', to_jsonb(case when vehicle_id in ('m050', 'm249', 'm250', 'm290') then repeat('y', 14 * 1024 * 1024) else vehicle_id end), now(), 1 from v
     returning organisation_id as organisation`,
  );
  expect(rows).toHaveLength(300);
  const { key } = await createApiKey(api.database.owner, { name: 'reader', organisation: 'many', scopes: ['read'] });
  const asMany = { ...api, get: (url: string) => api.get(url, { key }) };
  const pages: number[] = [];
  const items = await everyPage(
    {
      ...asMany,
      get: async (url) => {
        const answer = await asMany.get(url);
        pages.push(answer.body.items.length);
        return answer;
      },
    },
    '/v1/vehicles?limit=1000',
  );
  expect(items.map(({ id }) => id)).toEqual(Array.from({ length: 300 }, (_, n) => `m${String(n).padStart(3, '0')}`));
  // m050 and m249 are on the first page; m250 would be too much.
  expect(pages).toEqual([250, 50]);
});

test('alerts end before 32 MiB, by what they tell of the vehicle', async () => {
  const truck = await api.fleet.vehicle('truck-alerts');
  const lastPosition = (n: number) => ({ vehicleId: 'truck-alerts', attributes: { n, value: 'x'.repeat(12 * mebibytes) } });
  const ids: string[] = [];
  for (let n = 0; n < 5; n += 1)
    ids.unshift(
      await api.fleet.alert({ vehicle: truck, openedAt: at(n), status: 'resolved', resolvedAt: at(900), lastPosition: lastPosition(n) }),
    );
  expect(await pageSizes('/v1/alerts?vehicleId=truck-alerts&limit=1000')).toEqual([2, 2, 1]);
  expect(await pageSizes('/v1/alerts?vehicleId=truck-alerts&limit=1')).toEqual([1, 1, 1, 1, 1]);
  const items = await everyPage(api, '/v1/alerts?vehicleId=truck-alerts');
  expect(items.map(({ id, lastPosition: { attributes } }) => [id, attributes.n])).toEqual(ids.map((id, n) => [id, 4 - n]));
});

test('the feed leaves an event that would be too much to the next page, and skips none', async () => {
  const { outbox } = schema;
  for (let n = 0; n < 5; n += 1) {
    const body = JSON.stringify({ n, value: 'x'.repeat(12 * mebibytes) });
    await api.fleet.db.insert(outbox).values({
      organisationId: api.fleet.organisationId,
      type: n === 1 ? 'alert.resolved' : 'alert.opened',
      subject: sql`uuidv7()`,
      recordKey: 'truck-1',
      body,
      dispatchedAt: at(n),
      dispatchBatch: BigInt(n + 1),
    });
  }
  const numbers = async (types: string) => {
    const pages: number[][] = [];
    let next = 'from=2020-01-01T00:00:00Z';
    for (;;) {
      const { body } = await api.get(`/v1/events?limit=1000&${types}${next}`);
      if (body.items.length === 0) return pages;
      pages.push(body.items.map((item: { body: string }) => JSON.parse(item.body).n));
      next = `cursor=${body.nextCursor}`;
    }
  };
  expect(await numbers('')).toEqual([[0, 1], [2, 3], [4]]);
  expect(await numbers('types=alert.opened&')).toEqual([
    [0, 2],
    [3, 4],
  ]);
});
