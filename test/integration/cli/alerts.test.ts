import type { AddressInfo } from 'node:net';
import { createVehicleGroup } from '@milepost/database';
import { useTestScope } from '@milepost/test-support';
import { beforeAll, describe, expect, test } from 'vitest';
import { type ApiUnderTest, apiUnderTest } from '../api/api-under-test.js';
import { runCli } from './run-cli.js';

const scope = useTestScope();
let api: ApiUnderTest;
let environment: Record<string, string>;
let alert: string;

beforeAll(async () => {
  api = await apiUnderTest(scope);
  await api.app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = api.app.server.address() as AddressInfo;
  environment = { MILEPOST_API_URL: `http://127.0.0.1:${port}`, MILEPOST_API_KEY: api.keys.admin };
  const vehicle = await api.fleet.vehicle('truck-1');
  alert = await api.fleet.alert({ vehicle, openedAt: new Date(Date.now() - 60_000) });
  await createVehicleGroup(api.database.owner, { organisation: 'default', name: 'north' });
});

const milepost = (...args: string[]) => runCli(args, environment);

describe('npx milepost mutes', () => {
  test('adds, lists and removes mutes of a vehicle, of a group by its name, and of the organisation', async () => {
    const vehicle = await milepost('mutes', 'add', '--vehicle', 'truck-1', '--type', 'offline', '--until', '+2h', '--reason', 'workshop');
    expect(vehicle).toMatchObject({ code: 0, stderr: expect.stringContaining('Nothing is told of vehicle truck-1 until 2') });
    const group = await milepost('mutes', 'add', '--group', 'north');
    expect(group).toMatchObject({ code: 0, stderr: expect.stringContaining('the group "north" until the mute is removed') });
    const organisation = await milepost('mutes', 'add', '--whole-organisation', '--until', '+1d');
    expect(organisation.code).toBe(0);

    const { stdout } = await milepost('mutes', 'list', '--json');
    const listed = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(listed.map(({ id }) => id)).toEqual([organisation, group, vehicle].map((added) => added.stdout.trim()));
    expect(listed[2]).toMatchObject({ vehicleId: 'truck-1', types: ['offline'], reason: 'workshop', createdBy: 'test admin' });
    expect((await milepost('mutes', 'list')).stdout).toMatch(/ the organisation .*\n.* group north .*\n.* vehicle truck-1 /);

    for (const { id } of listed) expect((await milepost('mutes', 'remove', id)).code).toBe(0);
    expect((await milepost('mutes', 'list', '--json')).stdout).toBe('');
  });

  test('says what is wrong with a wrong one', async () => {
    expect(await milepost('mutes', 'add', '--vehicle', 'a', '--group', 'b')).toMatchObject({ code: 2 });
    expect(await milepost('mutes', 'add', '--group', 'south')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('no group "south"'),
    });
    expect(await milepost('mutes', 'add', '--vehicle', 'nobody')).toMatchObject({ code: 1, stderr: expect.stringContaining('nobody') });
    expect(await milepost('mutes', 'add', '--type', 'loud')).toMatchObject({ code: 2, stderr: expect.stringContaining('offline') });
    expect(await milepost('mutes', 'add', '--vehicle', 'truck-1', '--until', '-1h')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('later than now'),
    });
    expect(await milepost('mutes', 'remove', 'none')).toMatchObject({ code: 1, stderr: expect.stringContaining('No mute') });
  });
});

describe('npx milepost alerts', () => {
  test('lists, snoozes and acknowledges', async () => {
    expect((await milepost('alerts', 'list', '--status', 'open')).stdout).toMatch(new RegExp(`${alert} .*offline .*truck-1 `));
    expect((await milepost('alerts', 'list', '--vehicle', 'truck-2', '--json')).stdout).toBe('');

    const snoozed = await milepost('alerts', 'snooze', alert, '--until', '+1h', '--reason', 'known');
    expect(snoozed.code).toBe(0);
    expect((await milepost('mutes', 'list')).stdout).toContain(`alert ${alert}`);
    expect(await milepost('alerts', 'snooze', alert)).toMatchObject({ code: 2, stderr: expect.stringContaining('--until') });

    const acknowledged = await milepost('alerts', 'acknowledge', alert, '--note', 'driver called');
    expect(acknowledged).toMatchObject({ code: 0, stderr: expect.stringContaining('Acknowledged by test admin') });
    expect(JSON.parse((await milepost('alerts', 'list', '--json')).stdout)).toMatchObject({
      status: 'acknowledged',
      note: 'driver called',
    });
    expect(await milepost('alerts', 'resolve', alert)).toMatchObject({ code: 1, stderr: expect.stringContaining('of type offline') });
    const sos = await api.fleet.alert({ vehicle: await api.fleet.vehicle('truck-3'), type: 'sos' });
    expect(await milepost('alerts', 'resolve', sos, '--note', 'found')).toMatchObject({ code: 0 });
    expect(await milepost('alerts', 'acknowledge', 'none')).toMatchObject({ code: 1, stderr: expect.stringContaining('none') });
  });
});

describe('npx milepost incidents', () => {
  test('lists incidents and their vehicles', async () => {
    const { owner } = api.database;
    const [back, away] = [await api.fleet.vehicle('truck-8'), await api.fleet.vehicle('truck-9')];
    const { rows } = await owner.query<{ id: string }>(
      `insert into incidents (organisation_id, scope, node, presence_partition, opened_at, opened_clock_at, vehicles, returned)
       values ($1, 'node', 'broker-7', 0, now(), now(), 2, 1) returning id`,
      [api.fleet.organisationId],
    );
    const id = rows[0]?.id ?? '';
    await owner.query(
      `insert into incident_members (incident_id, vehicle, organisation_id, joined_at, returned_at)
       values ($1, $2, $4, now(), now()), ($1, $3, $4, now(), null)`,
      [id, back, away, api.fleet.organisationId],
    );
    expect((await milepost('incidents', 'list', '--status', 'open')).stdout).toMatch(new RegExp(`${id} .* node broker-7 +2 +1`));
    expect((await milepost('incidents', 'list', '--status', 'closed', '--json')).stdout).toBe('');
    expect((await milepost('incidents', 'vehicles', id)).stdout).toMatch(/truck-8 .*\ntruck-9 /);
    expect(JSON.parse((await milepost('incidents', 'vehicles', id, '--away', '--json')).stdout)).toMatchObject({ vehicleId: 'truck-9' });
    expect(await milepost('incidents', 'vehicles', 'none')).toMatchObject({ code: 1, stderr: expect.stringContaining('none') });
  });
});
