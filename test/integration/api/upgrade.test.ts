import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { databaseUrl, onceNotInUse, useTestScope } from '@milepost/test-support';
import { Client } from 'pg';
import { expect, test } from 'vitest';

const scope = useTestScope();
const folder = fileURLToPath(new URL('../../../migrations/', import.meta.url));
const migrations = readdirSync(folder)
  .filter((name) => name.endsWith('.sql'))
  .toSorted();
/** An empty database to which only the migrations before one are applied, each named by a string that begins its name. */
async function databaseBefore(next: string): Promise<{ client: Client; upgrade: () => Promise<void> }> {
  const database = await scope.database();
  const name = `${database.name}_before_${next}`;
  await onceNotInUse(database.owner, `create database ${name}`);
  const client = new Client({ connectionString: databaseUrl(database.ownerUrl, name) });
  await client.connect();
  scope.onEnd(async () => {
    await client.end();
    await onceNotInUse(database.owner, `drop database if exists ${name} with (force)`);
  });
  const apply = async (wanted: (name: string) => boolean) => {
    for (const file of migrations.filter(wanted)) await client.query(readFileSync(`${folder}${file}`, 'utf8'));
  };
  await apply((file) => file < next);
  return { client, upgrade: () => apply((file) => file >= next) };
}

test('the end of an alert that was open before there were policies is still told: somebody was told that it opened', async () => {
  const { client, upgrade } = await databaseBefore('0007');
  await client.query(`
    insert into vehicles (vehicle_id, organisation_id) select 'v', id from organisations;
    insert into vehicle_groups (organisation_id, name) select organisation_id, 'g' from vehicles;
    insert into vehicle_group_members (group_id, vehicle, organisation_id) select g.id, v.id, v.organisation_id from vehicle_groups g, vehicles v;
    insert into alerts (organisation_id, vehicle, type, status, severity, opened_at) select organisation_id, id, 'offline', 'open', 'critical', '2026-01-01' from vehicles`);
  await upgrade();
  const { rows } = await client.query(`select notified_at = opened_at as notified, last_notified_at = opened_at as last from alerts`);
  expect(rows).toEqual([{ notified: true, last: true }]);
});

test('a cursor before events that were forgotten before that was written down is refused too, and none behind them', async () => {
  const { client, upgrade } = await databaseBefore('0021');
  await client.query(`
    insert into organisations (name) values ('forgotten'), ('silent'), ('waiting');
    insert into vehicles (vehicle_id, organisation_id) select 'v', id from organisations where name = 'forgotten';
    insert into alerts (organisation_id, vehicle, type, status, severity, opened_at) select organisation_id, id, 'offline', 'open', 'critical', '2026-01-01' from vehicles;
    create function told(organisation text, batch bigint) returns void language sql as $$
      insert into outbox (organisation_id, type, subject, record_key, body, dispatched_at, dispatch_batch)
      select id, 'alert.opened', uuidv7(), 'v', '{}', now(), batch from organisations where name = organisation
    $$;
    select told('default', nextval('outbox_dispatch_batch')), told('forgotten', 1);
    select told('default', nextval('outbox_dispatch_batch')), told('default', 2), told('default', 2);
    select told('default', nextval('outbox_dispatch_batch')), told('waiting', null);
    -- As it was done then: the first event of 'default', its first of the second batch, and all of 'forgotten'.
    delete from outbox where dispatch_batch = 1 or id = (select min(id) from outbox where dispatch_batch = 2)`);
  await upgrade();
  const { rows } = await client.query(`
    select o.name, f.dispatch_batch::int as batch, f.id = (select min(id) - 1 from outbox where dispatch_batch = 2) as "isBeforeOldest"
      from forgotten_events f join organisations o on o.id = f.organisation_id
     order by o.name`);
  expect(rows).toEqual([
    { name: 'default', batch: 2, isBeforeOldest: true },
    { name: 'forgotten', batch: 3, isBeforeOldest: false },
  ]);
});

test('nothing is forgotten in a database in which nothing was dispatched yet', async () => {
  const { client, upgrade } = await databaseBefore('0021');
  await upgrade();
  expect((await client.query('select from forgotten_events')).rowCount).toBe(0);
});
