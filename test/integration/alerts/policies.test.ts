import { eventually, type TestApp, useTestScope } from '@milepost/test-support';
import { beforeAll, describe, expect, it } from 'vitest';
import { type AlertsScope, alertsScope } from './alerts-scope.js';

const scope = useTestScope();
let alerts: AlertsScope;
let app: TestApp;

beforeAll(async () => {
  alerts = await alertsScope(scope);
  app = await alerts.start();
});

const policy = (vehicleId: string, settings: object) =>
  alerts.rows(
    `insert into alert_policies (organisation_id, scope, vehicle, settings, updated_by)
     select organisation_id, 'vehicle', id, $2, 'test' from vehicles where vehicle_id = $1`,
    [vehicleId, settings],
  );
const openAlerts = (vehicleId: string) =>
  alerts.rows<{ status: string; severity: string; notified_at: Date | null }>(
    'select a.status, a.severity, a.notified_at from alerts a join vehicles v on v.id = a.vehicle where v.vehicle_id = $1',
    [vehicleId],
  );

describe('policies, as a running process takes them', { concurrent: true }, () => {
  it('a mute holds back what is told, not what is known, and is told of when it ends', async () => {
    const node = alerts.node('node-muted');
    const connection = await node.connected('muted');
    await alerts.untilState('muted', 'online');
    await alerts.rows(
      `insert into alert_mutes (organisation_id, scope, vehicle, created_by) select organisation_id, 'vehicle', id, 'test' from vehicles where vehicle_id = 'muted'`,
    );
    await policy('muted', { severity: { offline: 'info' } });
    await alerts.untilPoliciesKnown(app);
    await node.disconnected('muted', connection, 'network_error');
    await eventually(
      async () => expect(await openAlerts('muted')).toMatchObject([{ status: 'open', severity: 'info', notified_at: null }]),
      {
        timeoutMs: 25_000,
      },
    );
    expect(await alerts.eventsOf('muted')).toEqual([]);
    await alerts.rows('delete from alert_mutes');
    const [opened] = await alerts.untilTold('muted', ['alert.opened']);
    expect(opened?.data.alert).toMatchObject({ severity: 'info', notifiedAt: expect.any(String) });
  });

  it('a shorter grace reaches a vehicle that is suspect already', async () => {
    const node = alerts.node('node-grace');
    const first = await node.connected('patient');
    await alerts.untilState('patient', 'online');
    await policy('patient', { graceSeconds: 86_400 });
    await alerts.untilPoliciesKnown(app);
    await node.disconnected('patient', first, 'network_error');
    await alerts.untilState('patient', 'suspect');
    await alerts.rows(
      `update alert_policies set settings = '{"graceSeconds":1}' where vehicle = (select id from vehicles where vehicle_id = 'patient')`,
    );
    await alerts.untilTold('patient', ['alert.opened']);
  });

  it('an alert that an open incident speaks for is told when the incident is over', async () => {
    const node = alerts.node('node-spoken');
    const connection = await node.connected('spoken');
    await alerts.untilState('spoken', 'online');
    await policy('spoken', { minimumOutageSeconds: 6 });
    await alerts.untilPoliciesKnown(app);
    await node.disconnected('spoken', connection, 'network_error');
    await alerts.untilState('spoken', 'offline');
    // As the storm guard takes it in; of a partition that nobody tends.
    await alerts.rows(
      `with incident as (
         insert into incidents (organisation_id, scope, node, presence_partition, opened_at, opened_clock_at)
         select organisation_id, 'node', 'node-spoken', 99, now(), now() from vehicles where vehicle_id = 'spoken'
         returning id)
       update alerts a set incident_id = i.id from incident i, vehicles v where v.vehicle_id = 'spoken' and a.vehicle = v.id`,
    );
    await new Promise((resolve) => setTimeout(resolve, 9_000));
    expect(await alerts.eventsOf('spoken')).toEqual([]);
    await alerts.rows(`update incidents set closed_at = now() where node = 'node-spoken'`);
    await alerts.untilTold('spoken', ['alert.opened']);
  });

  it('an outage that ended before it mattered is resolved without a word', async () => {
    const node = alerts.node('node-short');
    const first = await node.connected('short');
    await alerts.untilState('short', 'online');
    await policy('short', { minimumOutageSeconds: 3_600 });
    await alerts.untilPoliciesKnown(app);
    await node.disconnected('short', first, 'network_error');
    await alerts.untilState('short', 'offline');
    await node.connected('short');
    await eventually(async () => expect(await openAlerts('short')).toMatchObject([{ status: 'resolved' }]), { timeoutMs: 25_000 });
    expect(await alerts.eventsOf('short')).toEqual([]);
  });
});
