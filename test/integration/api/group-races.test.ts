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
