import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { useTestScope } from '@milepost/test-support';
import { Client } from 'pg';
import { beforeAll, expect, test } from 'vitest';

const scope = useTestScope();
const folder = fileURLToPath(new URL('../../../migrations/', import.meta.url));
const migrations = readdirSync(folder)
  .filter((name) => name.endsWith('.sql'))
  .toSorted();
let client: Client;

/** Applies the migrations from one up to, and without, another, as strings that begin their names. */
async function apply(from: string, to = '9999'): Promise<void> {
  for (const name of migrations) if (name >= from && name < to) await client.query(readFileSync(`${folder}${name}`, 'utf8'));
}

beforeAll(async () => {
  const database = await scope.database();
  const name = `${database.name}_old`;
  await database.owner.query(`create database ${name}`);
  const url = new URL(database.ownerUrl);
  url.pathname = `/${name}`;
  client = new Client({ connectionString: url.href });
  await client.connect();
  scope.onEnd(async () => {
    await client.end();
    await database.owner.query(`drop database ${name}`);
  });
});

test('the end of an alert that was open before there were policies is still told: somebody was told that it opened', async () => {
  await apply('0000', '0007');
  await client.query(`
    insert into vehicles (vehicle_id, organisation_id) select 'v', id from organisations;
    insert into vehicle_groups (organisation_id, name) select organisation_id, 'g' from vehicles;
    insert into vehicle_group_members (group_id, vehicle, organisation_id) select g.id, v.id, v.organisation_id from vehicle_groups g, vehicles v;
    insert into alerts (organisation_id, vehicle, type, status, severity, opened_at) select organisation_id, id, 'offline', 'open', 'critical', '2026-01-01' from vehicles`);
  await apply('0007');
  const { rows } = await client.query(`select notified_at = opened_at as notified, last_notified_at = opened_at as last from alerts`);
  expect(rows).toEqual([{ notified: true, last: true }]);
});
