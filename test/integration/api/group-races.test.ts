import { advisoryLocks } from '@milepost/database';
import { useTestScope } from '@milepost/test-support';
import { beforeAll, expect, test } from 'vitest';
import { type ApiUnderTest, apiUnderTest } from './api-under-test.js';

const ROUNDS = 50;

const scope = useTestScope();
let api: ApiUnderTest;

beforeAll(async () => {
  api = await apiUnderTest(scope);
  await api.fleet.vehicle('truck-1');
  await api.fleet.vehicle('truck-2');
});

/** A group with two vehicles, a policy, a mute and a geofence. */
async function busyGroup(name: string): Promise<string> {
  const { id } = (await api.call('POST', '/v1/vehicle-groups', { body: { name } })).body;
  const shape = { type: 'Circle', center: { latitude: 52, longitude: 13 }, radiusM: 300 };
  await api.call('PUT', `/v1/vehicle-groups/${id}/vehicles/truck-1`);
  await api.call('PUT', `/v1/policies/groups/${id}`, { body: { settings: { graceSeconds: 60 } } });
  await api.call('POST', '/v1/mutes', { body: { groupId: id } });
  await api.call('POST', '/v1/geofences', { body: { name, shape, groupId: id } });
  return id;
}

test(`a group that is deleted while its policy, members, mutes and fences change, ${ROUNDS} times at once, fails nobody`, async () => {
  const groups: string[] = [];
  for (let n = 0; n < ROUNDS; n += 1) groups.push(await busyGroup(`group-${n}`));
  const shape = { type: 'Circle', center: { latitude: 52, longitude: 13 }, radiusM: 300 };
  const answers = await Promise.all(
    groups.flatMap((id, n) => [
      api.call('PUT', `/v1/policies/groups/${id}`, { body: { settings: { graceSeconds: 90 } } }),
      api.call('DELETE', `/v1/vehicle-groups/${id}`),
      api.call('PUT', `/v1/vehicle-groups/${id}/vehicles/truck-2`),
      api.call('DELETE', `/v1/vehicle-groups/${id}/vehicles/truck-1`),
      api.call('POST', '/v1/mutes', { body: { groupId: id } }),
      api.call('POST', '/v1/geofences', { body: { name: `more-${n}`, shape, groupId: id } }),
      api.call('DELETE', `/v1/policies/groups/${id}`),
    ]),
  );
  const unexpected = answers.filter(
    ({ status, body }) => ![200, 201, 204].includes(status) && !['group_not_found', 'policy_not_found'].includes(body?.code),
  );
  expect(unexpected.map(({ status, body }) => ({ status, body }))).toEqual([]);
  const { body: left } = await api.get('/v1/vehicle-groups');
  expect(left.items).toEqual([]);
  // Whatever came first: the facts end with what is so.
  const { rows } = await api.database.owner.query('select count(*)::int as policies from alert_policies');
  expect(rows).toEqual([{ policies: 0 }]);
});

const newGroup = async (name: string): Promise<string> => (await api.call('POST', '/v1/vehicle-groups', { body: { name } })).body.id;
const webhookFor = (groupId: string) =>
  api.call('POST', '/v1/webhooks', { body: { url: 'https://hooks.example.com/', groupIds: [groupId] } });

test('a webhook for a group that is being deleted waits for that, and is refused', async () => {
  const id = await newGroup('going');
  const deletion = await api.database.owner.connect();
  try {
    await deletion.query('begin');
    for (const lock of [advisoryLocks.fenceChange, advisoryLocks.policyChange])
      await deletion.query('select pg_advisory_xact_lock($1)', [lock]);
    await deletion.query('delete from vehicle_groups where id = $1', [id]);
    const asked = webhookFor(id);
    await expect
      .poll(async () => {
        const { rowCount } = await deletion.query("select from pg_locks where locktype = 'advisory' and not granted");
        return rowCount;
      })
      .toBe(1);
    await deletion.query('commit');
    expect(await asked).toMatchObject({ status: 400, body: { errors: [{ pointer: '/groupIds/0', code: 'group_not_found' }] } });
  } finally {
    deletion.release();
  }
});

test('of a webhook for a group and the deletion of that group when nothing uses it, at once, one is refused', async () => {
  for (let n = 0; n < ROUNDS; n += 1) {
    const id = await newGroup(`unused-${n}`);
    const [made, deleted] = await Promise.all([webhookFor(id), api.call('DELETE', `/v1/vehicle-groups/${id}?ifUnused=true`)]);
    expect([
      [201, 409],
      [400, 204],
    ]).toContainEqual([made.status, deleted.status]);
    if (made.status === 201) await api.call('DELETE', `/v1/webhooks/${made.body.id}`);
  }
});
