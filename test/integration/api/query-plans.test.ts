import { sql, withOrganisation } from '@milepost/database';
import { useTestScope } from '@milepost/test-support';
import { beforeAll, describe, expect, test } from 'vitest';
import { type ApiUnderTest, apiUnderTest } from './api-under-test.js';

const scope = useTestScope();
const endpointId = '019aaaaa-0000-7000-8000-000000000000';
let api: ApiUnderTest;

beforeAll(async () => {
  api = await apiUnderTest(scope);
  // Two days, 50 organisations with 100 vehicles each: enough that an index pays.
  await api.database.owner.query(`
    select ensure_partition(t, d) from unnest(array['locations', 'diagnostics', 'status_reports']) t, unnest(array['2026-11-23', '2026-11-24']::date[]) d;
    insert into organisations (name) select 'organisation ' || n from generate_series(1, 48) n;
    insert into vehicles (vehicle_id, organisation_id) select 'v' || n, o.id from organisations o, lateral (select o.id * 1000 + m as n from generate_series(1, 100) m) v;
    insert into locations (vehicle, organisation_id, recorded_at, identity, received_at, fix_valid, source_partition, source_offset, feed_epoch)
      select id, organisation_id, '2026-11-23'::timestamptz + n * interval '4 hours', n, now(), true, 0, n, 1 from vehicles, generate_series(0, 11) n;
    insert into diagnostics (vehicle, organisation_id, recorded_at, identity, received_at, source_partition, source_offset, feed_epoch)
      select id, organisation_id, '2026-11-23'::timestamptz + n * interval '4 hours', n, now(), 0, n, 1 from vehicles, generate_series(0, 11) n;
    insert into status_reports (vehicle, organisation_id, received_at, status, source_partition, source_offset, feed_epoch)
      select id, organisation_id, '2026-11-23'::timestamptz + n * interval '4 hours', 'online', 0, id * 100 + n, 1 from vehicles, generate_series(0, 11) n;
    insert into latest_positions (vehicle, organisation_id, last_contact_at, recorded_at, received_at, latitude, longitude)
      select id, organisation_id, now(), now(), now(), 1, 1 from vehicles;
    insert into latest_signals (vehicle, organisation_id, name, value, recorded_at, identity) select id, organisation_id, 's', '1', now(), 1 from vehicles;
    insert into dtc_states (vehicle, organisation_id, dtc, status, first_seen_at, last_seen_at, identity) select id, organisation_id, 'P0420', 'active', now(), now(), 1 from vehicles;
    insert into vehicle_presence (vehicle, organisation_id, presence_partition, state, since, machine) select id, organisation_id, 0, 'online', now(), '{}' from vehicles;
    insert into outbox (organisation_id, type, subject, record_key, body, created_at, dispatched_at, dispatch_batch)
      select o.id, 'alert.opened', uuidv7(), 'v1', '{}', '2026-11-23'::timestamptz + n * interval '3 minutes', now(), n from organisations o, generate_series(1, 400) n;
    insert into connection_attempts (organisation_id, source_partition, source_offset, at, address, common_name, reason, remedy, node, epoch, counter)
      select o.id, 0, n, '2026-11-23'::timestamptz + n * interval '1 second', '192.0.2.7', 'v' || n % 1000, 'expired', '', 'n', o.id, n
        from organisations o, generate_series(1, 1000) n;
    insert into webhook_endpoints (id, organisation_id, url, secret) values ('${endpointId}', ${api.fleet.organisationId}, 'https://hooks.example.com/', 'x');
    insert into webhook_deliveries (organisation_id, endpoint_id, event_id, event_type, subject, sequence, status, created_at)
      select ${api.fleet.organisationId}, '${endpointId}', event_id, type, subject, id, 'delivered', created_at from outbox;
    analyze;
  `);
});

/** The plan as a prepared statement has it after a few runs: made without looking at the values. */
async function planOf(name: string, values: string): Promise<string> {
  return withOrganisation(api.pool, api.fleet.organisationId, async (client) => {
    await client.query('set local plan_cache_mode = force_generic_plan');
    await client.query(`prepare planned as ${sql(`api/${name}`).text}`);
    try {
      const explain = `explain (analyze, costs off, timing off, summary off, buffers off) execute planned(${values})`;
      const { rows } = await client.query<{ 'QUERY PLAN': string }>(explain);
      return rows.map((row) => row['QUERY PLAN']).join('\n');
    } finally {
      await client.query('deallocate planned');
    }
  });
}

const everything = `'-infinity', -9223372036854775808, 'infinity', 101`;
/** What a statement with values of any size takes behind the rest. */
const bytes = (name: string) => (name === 'status-reports' ? '' : ', 1000000');

describe('plans, made without looking at the values', () => {
  test.each([
    ['locations', /locations_p\d+_pkey/],
    ['diagnostics', /diagnostics_p\d+_pkey/],
    ['status-reports', /status_reports_p\d+_vehicle_received_at_source_offset_idx/],
  ])('%s reads its index in order, and sorts nothing', async (name, index) => {
    const plan = await planOf(name, `7, ${everything}${bytes(name)}`);
    expect(plan).toMatch(index);
    expect(plan).toMatch(/Index Cond: \(\(vehicle = \$1\)/);
    expect(plan).not.toMatch(/Sort|Seq Scan/);
  });

  test.each(['locations', 'diagnostics', 'status-reports'])('%s leaves out the days that are not asked for', async (name) => {
    const plan = await planOf(name, `7, '2026-11-24', 0, 'infinity', 101${bytes(name)}`);
    expect(plan).not.toContain('_p20261123');
    expect(plan).toContain('_p20261124');
  });

  test('positions are found by the organisation’s index', async () => {
    const plan = await planOf('positions', '0, -90, 90, -180, 180, -180, 180, 101, 1000000');
    expect(plan).toMatch(/Index Scan (using|on) latest_positions_organisation/);
    expect(plan).not.toMatch(/Seq Scan on latest_positions/);
  });

  test('the feed reads its index in order from its place on, and finds the place of a time by another', async () => {
    const plan = await planOf('events', `200, 0, '{incident.opened}', 100, 100, 1000000`);
    expect(plan).toMatch(/Index Scan using outbox_dispatched/);
    expect(plan).toMatch(/Index Cond: .*ROW\(dispatch_batch, id\) > ROW\(\$1, \$2\)/);
    expect(plan).not.toContain('Seq Scan on outbox');
    const place = await planOf('events-place', `'2026-11-23T18:00:00Z'`);
    expect(place).toMatch(/Index (Only )?Scan using outbox_since/);
    expect(place).not.toContain('Seq Scan on outbox');
  });

  test('vehicles look each of their parts up', async () => {
    const plan = await planOf('vehicles', `'{7,8,9}', 1000000, true`);
    for (const table of ['latest_positions', 'latest_signals', 'dtc_states', 'vehicle_presence', 'vehicles']) {
      expect(plan).not.toContain(`Seq Scan on ${table}`);
    }
  });

  test('what has not arrived is found by its own index, and sorted by it', async () => {
    const plan = await planOf('replay-deliveries', `'${endpointId}', '-infinity', 'infinity', null, 1000`);
    expect(plan).toMatch(/Index Scan (Backward )?using webhook_deliveries_not_arrived/);
    expect(plan).not.toContain('Seq Scan on webhook_deliveries');
  });
});

describe('what a list is asked for by has an index', () => {
  test.each([
    ['/v1/connection-attempts?commonName=v7', 'connection_attempts_common_name'],
    ['/v1/connection-attempts?reason=revoked', 'connection_attempts_reason'],
    [`/v1/webhooks/${endpointId}/deliveries?status=dead`, 'webhook_deliveries_not_arrived'],
    [`/v1/webhooks/${endpointId}/deliveries?status=failed`, 'webhook_deliveries_not_arrived'],
  ])('%s: %s', async (url, index) => {
    // Counted by Postgres, a second or so behind.
    const scans = async () => {
      const { rows } = await api.database.owner.query('select idx_scan::int as scans from pg_stat_user_indexes where indexrelname = $1', [
        index,
      ]);
      return (rows[0]?.scans as number | undefined) ?? 0;
    };
    const before = await scans();
    expect((await api.get(url)).status).toBe(200);
    await expect.poll(scans).toBeGreaterThan(before);
  });
});
