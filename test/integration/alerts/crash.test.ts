import { setTimeout as delay } from 'node:timers/promises';
import { useTestScope } from '@milepost/test-support';
import { expect, it } from 'vitest';
import { alertsScope } from './alerts-scope.js';

const scope = useTestScope();

it('kill -9 at any moment loses no alert and tells of none twice', async () => {
  const alerts = await alertsScope(scope);
  const node = alerts.node('node-1');
  const vehicles = Array.from({ length: 15 }, (_, index) => `truck-${index}`);
  const start = () => alerts.start({ NODE_ID: 'alerts-1', ALERTS_SESSION_TIMEOUT_MS: '6000' });
  let app = await start();
  const connections = new Map(await Promise.all(vehicles.map(async (id) => [id, await node.connected(id)] as const)));
  for (const [index, id] of vehicles.entries()) {
    await node.disconnected(id, connections.get(id) ?? '', 'network_error');
    await delay(150);
    // The first deadlines are due about now, the others soon after.
    if (index === 11) await app.kill9();
  }
  app = await start();
  await Promise.all(vehicles.map((id) => alerts.untilTold(id, ['alert.opened'])));
  await app.kill9();
  await Promise.all(vehicles.map((id) => node.connected(id)));
  app = await start();
  await Promise.all(vehicles.map((id) => alerts.untilTold(id, ['alert.opened', 'alert.resolved'])));
  const [count] = await alerts.rows<{ alerts: number }>('select count(*)::int as alerts from alerts');
  expect(count?.alerts).toBe(vehicles.length);
  expect(await app.stop()).toBe(0);
});
