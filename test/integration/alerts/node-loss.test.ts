import type { Event } from '@milepost/contracts';
import { eventually, useTestScope } from '@milepost/test-support';
import { expect, it } from 'vitest';
import { alertsScope } from './alerts-scope.js';

const scope = useTestScope();

it('a lost node with thirty vehicles is one incident, told by two processes together', async () => {
  const alerts = await alertsScope(scope);
  const lost = alerts.node('node-1');
  const other = alerts.node('node-2');
  const vehicles = Array.from({ length: 30 }, (_, index) => `truck-${index}`);
  const settled = { INCIDENT_SETTLED_MS: '1000' };
  await Promise.all([alerts.start({ NODE_ID: 'alerts-1', ...settled }), alerts.start({ NODE_ID: 'alerts-2', ...settled })]);
  await Promise.all([...vehicles.map((id) => lost.connected(id)), other.connected('unharmed')]);
  await Promise.all(vehicles.map((id) => alerts.untilState(id, 'online')));
  lost.stop();

  const told = async () => {
    const rows = await alerts.rows<{ body: string }>('select body from outbox order by id');
    return rows.map(({ body }) => JSON.parse(body) as Event);
  };
  await eventually(async () => expect((await told()).map(({ type }) => type)).toEqual(['incident.opened']), { timeoutMs: 40_000 });
  await Promise.all(vehicles.map((id) => alerts.untilState(id, 'offline')));
  const members = await alerts.rows<{ members: number }>('select count(*)::int as members from incident_members');
  expect(members[0]?.members).toBe(30);

  // All but two come back, to the other node: the two are alerts of their own.
  await Promise.all(vehicles.slice(2).map((id) => other.connected(id)));
  await eventually(async () => expect(await told()).toHaveLength(4), { timeoutMs: 25_000 });
  const events = await told();
  expect(events.map(({ type }) => type).sort()).toEqual(['alert.opened', 'alert.opened', 'incident.closed', 'incident.opened']);
  const [opened] = events;
  expect(opened?.data.incident).toMatchObject({ scope: 'node', node: 'node-1', status: 'open', vehicles: 30 });
  for (const { data } of events.filter(({ type }) => type === 'alert.opened')) {
    expect(data.alert?.incidentId).toBe(opened?.data.incident?.id);
    expect(['truck-0', 'truck-1']).toContain(data.alert?.vehicleId);
  }
  await alerts.untilState('unharmed', 'online');
});
