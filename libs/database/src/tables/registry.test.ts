import type { Pool } from 'pg';
import { expect, test } from 'vitest';
import { Registry } from './registry.js';

/** A database in which every id is bound to the one organisation; it notes which ids it was asked for. */
function databaseOfOne() {
  const asked: string[][] = [];
  const query = async ({ values: [ids = []] }: { values: string[][] }) => {
    if (ids.includes('default')) return { rows: [{ id: 1, name: 'default' }] };
    asked.push(ids);
    return { rows: ids.map((id) => ({ vehicle_id: id, id: Number(id.slice(1)), organisation_id: 1, registration: 'active' })) };
  };
  return { pool: { query } as unknown as Pool, asked };
}

const claims = (...ids: string[]) => ids.map((vehicleId) => ({ vehicleId, organisation: 'default' }));

test('a vehicle that the cache forgets while others are looked up is still whose it was', async () => {
  const { pool, asked } = databaseOfOne();
  const registry = new Registry({ pool, policy: 'auto', cacheSize: 2 });
  await registry.resolve(claims('v1', 'v2'));
  const resolved = await registry.resolve(claims('v1', 'v2', 'v3', 'v4'));
  expect(resolved).toEqual([1, 2, 3, 4].map((vehicle) => ({ kind: 'bound', vehicle, organisationId: 1 })));
  expect(asked).toEqual([
    ['v1', 'v2'],
    ['v3', 'v4'],
  ]);
});
