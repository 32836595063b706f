import { createVehicleGroup } from '@milepost/database';
import { type TestDatabase, useTestScope } from '@milepost/test-support';
import { beforeAll, describe, expect, test } from 'vitest';
import { runCli } from './run-cli.js';

const scope = useTestScope();
let database: TestDatabase;

const milepost = (...args: string[]) => runCli(args, { DATABASE_URL: database.ownerUrl });

beforeAll(async () => {
  database = await scope.database();
  await database.owner.query(
    `insert into vehicles (vehicle_id, organisation_id) select 'cli-truck', id from organisations where name = 'default'`,
  );
  await createVehicleGroup(database.owner, { organisation: 'default', name: 'vans' });
});

describe('npx milepost groups, policies and geofences', () => {
  test('policies are said, shown with their sources, and taken back', async () => {
    expect(await milepost('groups', 'create', 'tunnel')).toMatchObject({ code: 0 });
    expect(await milepost('groups', 'add', 'tunnel', 'cli-truck')).toMatchObject({ code: 0 });
    expect(await milepost('policies', 'set', '--whole-organisation', 'graceSeconds=45', 'severity.offline=info')).toMatchObject({
      code: 0,
    });
    expect(await milepost('policies', 'set', '--group', 'tunnel', 'graceSeconds=60')).toMatchObject({ code: 0 });

    const shown = await milepost('policies', 'show', 'cli-truck');
    expect(shown.stdout).toMatch(/graceSeconds +60 +group tunnel\n/);
    expect(shown.stdout).toMatch(/severity\.offline +info +organisation/);
    expect(shown.stdout).toMatch(/silentAfterSeconds +900 +default/);
    expect((await milepost('policies', 'list')).stdout).toMatch(/default +group tunnel +0 +\{"graceSeconds": ?60\}/);
    expect(await milepost('policies', 'unset', '--group', 'tunnel')).toMatchObject({ code: 0 });
    expect((await milepost('policies', 'show', 'cli-truck')).stdout).toMatch(/graceSeconds +45 +organisation/);
    expect(await milepost('policies', 'unset', '--whole-organisation')).toMatchObject({ code: 0 });
    expect((await milepost('policies', 'show', 'cli-truck')).stdout).toMatch(/graceSeconds +\d+ +default/);
  });

  test('vehicles leave a group once', async () => {
    expect(await milepost('groups', 'add', 'vans', 'cli-truck')).toMatchObject({ code: 0 });
    expect((await milepost('groups', 'list')).stdout).toMatch(/default +vans +1/);
    expect(await milepost('groups', 'remove', 'vans', 'cli-truck')).toMatchObject({ code: 0 });
    expect(await milepost('groups', 'remove', 'vans', 'cli-truck')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('Not in "vans" anyway: cli-truck'),
    });
    expect((await milepost('groups', 'list')).stdout).toMatch(/default +vans +0/);
  });

  test('a group is deleted when nothing refers to it, or by force', async () => {
    expect(await milepost('groups', 'create', 'ferry')).toMatchObject({ code: 0 });
    expect(await milepost('groups', 'add', 'ferry', 'cli-truck')).toMatchObject({ code: 0 });
    expect(await milepost('policies', 'set', '--group', 'ferry', 'graceSeconds=60')).toMatchObject({ code: 0 });
    expect(await milepost('geofences', 'add', 'pier', '--circle', '52.5,13.4,300', '--group', 'ferry')).toMatchObject({ code: 0 });
    expect(await milepost('groups', 'delete', 'ferry')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('The group "ferry" of default is in use by its policy and the geofence pier.'),
    });
    expect((await milepost('groups', 'list')).stdout).toMatch(/default +ferry +1/);
    expect(await milepost('groups', 'delete', 'ferry', '--force')).toMatchObject({ code: 0 });
    expect((await milepost('geofences', 'list')).stdout).not.toContain('pier');
    expect(await milepost('groups', 'create', 'ferry')).toMatchObject({ code: 0 });
    expect(await milepost('groups', 'delete', 'ferry')).toMatchObject({ code: 0, stderr: 'Deleted the group "ferry" of default.\n' });
    expect(await milepost('groups', 'delete', 'ferry')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('There is no group "ferry" of default'),
    });
  });

  test('geofences are made, listed and removed', async () => {
    const add = () => milepost('geofences', 'add', 'yard', '--circle', '52.5,13.4,300');
    expect(await add()).toMatchObject({ code: 0, stdout: expect.stringMatching(/^[0-9a-f-]{36}\n$/) });
    expect(await add()).toMatchObject({ code: 1, stderr: expect.stringContaining('There is a geofence "yard" of default already') });
    expect((await milepost('geofences', 'list')).stdout).toMatch(/default +yard +both +all +300 m around 52\.5,13\.4/);
    expect(JSON.parse((await milepost('geofences', 'list', '--json')).stdout)).toMatchObject({ organisation: 'default', name: 'yard' });
    expect((await milepost('geofences', 'list', '--json', '--organisation', 'other')).stdout).toBe('');
    expect(await milepost('geofences', 'remove', 'yard')).toMatchObject({ code: 0 });
    expect(await milepost('geofences', 'remove', 'yard')).toMatchObject({ code: 1 });
  });

  test('an organisation has 1,000 groups at most, by command as by the API', async () => {
    await database.owner.query(`
      insert into organisations (name) values ('grouped');
      insert into vehicle_groups (organisation_id, name) select o.id, 'g' || n from organisations o, generate_series(1, 999) n where o.name = 'grouped'`);
    const create = (name: string) => milepost('groups', 'create', name, '--organisation', 'grouped');
    expect(await create('the last')).toMatchObject({ code: 0 });
    expect(await create('one more')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('grouped has 1000 groups; 1000 are possible'),
    });
    expect(await create('the last')).toMatchObject({ code: 1, stderr: expect.stringContaining('There is a group "the last"') });
  });

  test('an organisation has 200 geofences at most, by command as by the API', async () => {
    await database.owner.query(`
      insert into organisations (name) values ('fenced');
      insert into geofences (organisation_id, name, shape, alert_on)
        select o.id, 'f' || n, '{"type":"Circle","center":{"latitude":1,"longitude":1},"radiusM":100}', 'both'
          from organisations o, generate_series(1, 199) n where o.name = 'fenced'`);
    const add = (name: string) => milepost('geofences', 'add', name, '--circle', '52.5,13.4,300', '--organisation', 'fenced');
    expect(await add('the last')).toMatchObject({ code: 0 });
    expect(await add('one more')).toMatchObject({ code: 1, stderr: expect.stringContaining('fenced has 200 geofences; 200 are possible') });
  });

  const noGroup = 'There is no group "none" of default';
  const noVehicle = 'No vehicle of default has the id nobody';
  test.each([
    [['groups', 'create', 'vans'], 'There is a group "vans" of default already'],
    [['groups', 'create', 'vans', '--organisation', 'nobody'], 'There is no organisation nobody'],
    [['groups', 'add', 'vans', 'nobody'], noVehicle],
    [['groups', 'add', 'none', 'cli-truck'], noGroup],
    [['groups', 'add', 'vans', 'cli-truck', '--organisation', 'nobody'], 'There is no organisation nobody'],
    [['groups', 'remove', 'none', 'cli-truck'], noGroup],
    [['groups', 'remove', 'vans', 'nobody'], noVehicle],
    [['policies', 'set', '--group', 'none', 'graceSeconds=60'], noGroup],
    [['policies', 'set', '--vehicle', 'nobody', 'graceSeconds=60'], noVehicle],
    [['geofences', 'add', 'depot', '--circle', '52.5,13.4,300', '--group', 'none'], noGroup],
    [['geofences', 'add', 'depot', '--circle', '52.5,13.4,300', '--organisation', 'nobody'], 'There is no organisation nobody'],
  ])('%j says which of what it names there is not', async (args, why) => {
    expect(await milepost(...args)).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining(why) });
  });
});
