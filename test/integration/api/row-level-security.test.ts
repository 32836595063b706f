import { withOrganisation } from '@milepost/database';
import { useTestScope } from '@milepost/test-support';
import { beforeAll, describe, expect, test } from 'vitest';
import { type ApiUnderTest, apiUnderTest } from './api-under-test.js';

const scope = useTestScope();
let api: ApiUnderTest;

beforeAll(async () => {
  api = await apiUnderTest(scope);
  const at = new Date('2026-11-24T06:00:00Z');
  for (const fleet of [api.fleet, api.otherFleet]) {
    const vehicle = await fleet.vehicle(`truck-of-${fleet.organisationId}`);
    await fleet.location(vehicle, at);
    await fleet.diagnostics(vehicle, at);
    await fleet.statusReport(vehicle, at);
    await fleet.latestPosition(vehicle);
    await fleet.connectionAttempt(at);
    await fleet.deadLetter(at);
    await fleet.alert({ vehicle });
    await fleet.event();
    const { rows } = await api.database.owner.query<{ id: string }>(
      `insert into incidents (organisation_id, scope, presence_partition, opened_at, opened_clock_at) values ($1, 'organisation', 0, $2, $2) returning id`,
      [fleet.organisationId, at],
    );
    await api.database.owner.query(
      'insert into incident_members (incident_id, vehicle, organisation_id, joined_at) values ($1, $2, $3, $4)',
      [rows[0]?.id, vehicle, fleet.organisationId, at],
    );
    await api.database.owner.query(`insert into vehicle_conditions (vehicle, organisation_id, machine) values ($1, $2, '{"open":[]}')`, [
      vehicle,
      fleet.organisationId,
    ]);
  }
});

const tables = [
  'vehicles',
  'locations',
  'diagnostics',
  'status_reports',
  'latest_positions',
  'alerts',
  'outbox',
  'connection_attempts',
  'dead_letters',
  'vehicle_conditions',
  'incidents',
  'incident_members',
];

describe('row-level security', () => {
  test.each(tables)('a query of %s that forgets the organisation sees one organisation alone', async (table) => {
    const { rows } = await withOrganisation(api.pool, api.fleet.organisationId, (client) =>
      client.query(`select organisation_id from ${table}`),
    );
    expect(rows).toEqual([{ organisation_id: api.fleet.organisationId }]);
  });

  test.each(tables)('a query of %s outside of an organisation fails, on a connection that was used before too', async (table) => {
    const client = await api.pool.connect();
    try {
      await client.query('begin');
      await client.query(`select set_config('milepost.organisation_id', '1', true)`);
      await client.query('commit');
      // What is left of the setting: an empty text, and no error.
      expect((await client.query(`select current_setting('milepost.organisation_id', true) as left`)).rows).toEqual([{ left: '' }]);
      await expect(client.query(`select * from ${table}`)).rejects.toMatchObject({
        code: '42501',
        message: expect.stringContaining('not set'),
      });
    } finally {
      client.release();
    }
  });

  test('nothing is written for another organisation', async () => {
    const insertFor = (organisationId: number) =>
      withOrganisation(api.pool, api.fleet.organisationId, (client) =>
        client.query(`insert into webhook_endpoints (organisation_id, url, secret) values ($1, 'https://x.example', 'whsec_x')`, [
          organisationId,
        ]),
      );
    // The code is also that of a right which the role lacks for its own.
    expect((await insertFor(api.fleet.organisationId)).rowCount).toBe(1);
    await expect(insertFor(api.otherFleet.organisationId)).rejects.toMatchObject({ code: '42501' });
  });

  test('no table that the API reads is without it, and the API is bound by it', async () => {
    const { rows } = await api.database.owner.query<{ relname: string }>(`
      select c.relname
        from pg_class c
       where c.relnamespace = 'public'::regnamespace
         and c.relkind in ('r', 'p')
         and has_any_column_privilege('milepost_api', c.oid, 'select')
         and not c.relrowsecurity`);
    expect(rows).toEqual([]);
    const role = await api.database.owner.query(
      `select rolsuper, rolbypassrls, (select count(*)::int from pg_class where relowner = r.oid) as owns from pg_roles r where rolname = 'milepost_api'`,
    );
    expect(role.rows).toEqual([{ rolsuper: false, rolbypassrls: false, owns: 0 }]);
  });

  test('every table has the rule of the vehicles: no other lets the API see or write a row', async () => {
    const policies = await api.database.owner.query<{ table: string; using: string | null; check: string | null }>(
      `select tablename as table, qual as using, with_check as check from pg_policies where roles && array['milepost_api', 'public']::name[] order by 1`,
    );
    const own = policies.rows.find(({ table }) => table === 'vehicles')?.using;
    expect(own).toContain('current_organisation()');
    const others = policies.rows.filter(({ using, check }) => [using, check].some((rule) => rule !== null && rule !== own));
    // An organisation's own row has its number by another name; what the configuration says of policies is of no organisation.
    expect(others.map(({ table, using }) => [table, using])).toEqual([
      ['organisations', own?.replace('organisation_id', 'id')],
      ['policy_changes', `((organisation_id IS NULL) OR ${own})`],
    ]);
    expect(policies.rows.length).toBeGreaterThan(tables.length);
  });

  test('the API never reads a webhook’s secrets, nor what its headers say, and replaces a secret by the one function alone', async () => {
    for (const text of [
      'select secret from webhook_endpoints',
      'select previous_secret from webhook_endpoints',
      'select headers from webhook_endpoints',
      `update webhook_endpoints set secret = 'whsec_mine'`,
      'update webhook_endpoints set organisation_id = 1',
    ]) {
      const query = withOrganisation(api.pool, api.fleet.organisationId, (client) => client.query(text));
      await expect(query).rejects.toMatchObject({ code: '42501' });
    }
  });

  test('the API reaches neither partitions nor keys', async () => {
    for (const table of ['locations_p20261124', 'api_keys']) {
      const query = withOrganisation(api.pool, api.fleet.organisationId, (client) => client.query(`select * from ${table}`));
      await expect(query).rejects.toMatchObject({ code: '42501' });
    }
  });
});
