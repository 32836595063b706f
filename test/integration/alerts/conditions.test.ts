import { topics } from '@milepost/contracts';
import { eventually, useTestScope } from '@milepost/test-support';
import { beforeAll, describe, expect, it } from 'vitest';
import type { AlertsScope } from './alerts-scope.js';
import { ConditionsWorld, inSquare, SQUARE, type StoredCounts, volts } from './conditions-world.js';

const scope = useTestScope();
let world: ConditionsWorld;
let alerts: AlertsScope;

beforeAll(async () => {
  world = await ConditionsWorld.create(scope);
  alerts = world.alerts;
  await world.start();
});

const ago = (seconds: number) => new Date(Date.now() - seconds * 1_000).toISOString();
const outside = { latitude: 51.05, longitude: 7.01 };
/** Nothing of a vehicle waits to be stored or judged. */
const judged = async (vehicleId: string, stored: StoredCounts) => {
  await world.untilStored(stored, vehicleId);
  await world.untilJudged();
};

describe('conditions, from Kafka to the outbox', () => {
  it('a trouble code opens one alert however often it is reported and repeated, and an old report opens none', async () => {
    const report = {
      recordedAt: ago(10),
      dtcs: [
        { code: 'P0420', status: 'active' },
        { code: 'P0300', status: 'cleared' },
      ],
    };
    await alerts.report(topics.diagnostics, 'dtc-1', report);
    await alerts.report(topics.diagnostics, 'dtc-1', report);
    await alerts.report(topics.diagnostics, 'dtc-1', { ...report, recordedAt: ago(5) });
    await alerts.report(topics.diagnostics, 'dtc-1', { recordedAt: ago(60), dtcs: [{ code: 'P0300', status: 'active' }] });
    await judged('dtc-1', { diagnostics: 3 });
    await world.untilAlerts('dtc-1', [{ type: 'dtc', key: 'P0420', status: 'open', details: { condition: { code: 'P0420' } } }]);
    const [opened] = await alerts.untilTold('dtc-1', ['alert.opened']);
    expect(opened?.data.alert).toMatchObject({
      type: 'dtc',
      vehicleId: 'dtc-1',
      condition: { code: 'P0420', recordedAt: report.recordedAt },
    });
  });

  it('two codes are two alerts, and each is resolved by itself', async () => {
    await alerts.rows(`insert into vehicles (vehicle_id, organisation_id) select 'dtc-2', id from organisations where name = 'default'`);
    await alerts.rows(
      `insert into alert_policies (organisation_id, scope, vehicle, settings, updated_by)
       select organisation_id, 'vehicle', id, '{"dtcClearedSeconds":0,"severity":{"dtc":"critical"}}', 'test' from vehicles where vehicle_id = 'dtc-2'`,
    );
    await alerts.untilPoliciesKnown(world.judging);
    await alerts.report(topics.diagnostics, 'dtc-2', {
      recordedAt: ago(10),
      dtcs: [
        { code: 'P0420', status: 'active' },
        { spn: 100, fmi: 3, status: 'active' },
      ],
    });
    await world.untilAlerts('dtc-2', [
      { key: 'P0420', severity: 'critical', status: 'open' },
      { key: '100/3', status: 'open' },
    ]);
    await alerts.report(topics.diagnostics, 'dtc-2', { recordedAt: ago(5), dtcs: [{ code: 'P0420', status: 'cleared' }] });
    await world.untilAlerts('dtc-2', [
      { key: 'P0420', status: 'resolved' },
      { key: '100/3', status: 'open' },
    ]);
    await alerts.untilTold('dtc-2', ['alert.opened', 'alert.opened', 'alert.resolved']);
  });

  it('a low battery opens after three readings in a row and not before', async () => {
    for (const [index, value] of [11.2, 11.2, 12.6, 11.2, 11.2].entries())
      await alerts.report(topics.diagnostics, 'battery-1', { recordedAt: ago(60 - index), ...volts(value) });
    await judged('battery-1', { diagnostics: 5 });
    expect(await world.alertsOf('battery-1')).toEqual([]);
    await alerts.report(topics.diagnostics, 'battery-1', { recordedAt: ago(50), ...volts(11.1) });
    await world.untilAlerts('battery-1', [
      { type: 'battery_low', status: 'open', details: { condition: { volts: 11.1, thresholdVolts: 11.8 } } },
    ]);
  });

  it('an SOS of two hours ago in a batch, behind an outage, is an alert with its own time; the batch again is not another', async () => {
    const batch = [
      { recordedAt: ago(7_200), ...inSquare, events: [{ name: 'SOS', severity: 'critical' }] },
      { recordedAt: ago(7_190), ...inSquare, events: [{ name: 'harsh_braking' }] },
      { recordedAt: ago(10), ...outside },
    ];
    await alerts.report(topics.location, 'sos-1', batch);
    await alerts.report(topics.location, 'sos-1', batch);
    await judged('sos-1', { locations: 3 });
    await world.untilAlerts('sos-1', [
      {
        type: 'sos',
        severity: 'critical',
        status: 'open',
        details: { condition: { event: 'SOS', count: 1, recordedAt: batch[0]?.recordedAt, position: inSquare } },
      },
    ]);
  });

  it('going in opens enter and going out resolves it and opens exit; late fixes fire nothing; a deleted fence resolves', async () => {
    await world.addGeofence('Yard', SQUARE);
    await world.untilFenced(1);
    await alerts.report(topics.location, 'fence-1', [
      { recordedAt: ago(100), ...outside },
      { recordedAt: ago(90), ...outside },
    ]);
    await alerts.report(topics.location, 'fence-1', [
      { recordedAt: ago(80), ...inSquare },
      { recordedAt: ago(70), ...inSquare },
    ]);
    await world.untilAlerts('fence-1', [
      { type: 'geofence_enter', status: 'open', details: { condition: { geofenceName: 'Yard', position: inSquare } } },
    ]);
    await alerts.report(topics.location, 'fence-1', [
      { recordedAt: ago(95), ...outside },
      { recordedAt: ago(94), ...outside },
    ]);
    await judged('fence-1', { locations: 6 });
    await world.untilAlerts('fence-1', [{ type: 'geofence_enter', status: 'open' }]);
    await alerts.report(topics.location, 'fence-1', [
      { recordedAt: ago(60), ...outside },
      { recordedAt: ago(50), ...outside },
    ]);
    await world.untilAlerts('fence-1', [
      { type: 'geofence_enter', status: 'resolved' },
      { type: 'geofence_exit', status: 'open' },
    ]);
    await alerts.rows('delete from geofences');
    await world.untilAlerts('fence-1', [
      { type: 'geofence_enter', status: 'resolved' },
      { type: 'geofence_exit', status: 'resolved' },
    ]);
  });

  it('fixes of an organisation without geofences are not set aside at all', async () => {
    await eventually(async () => expect(await alerts.rows('select from geofences')).toEqual([]));
    await world.untilFenced(0);
    await world.judging.stop();
    await alerts.report(topics.location, 'plain-1', [
      { recordedAt: ago(2), ...inSquare },
      { recordedAt: ago(1), ...outside },
    ]);
    await eventually(async () =>
      expect(
        (await alerts.rows(`select from locations where vehicle = (select id from vehicles where vehicle_id = 'plain-1')`)).length,
      ).toBe(2),
    );
    expect(await alerts.rows('select from condition_facts')).toEqual([]);
  });

  it('what came while no alerts process ran is judged by two that start, once', async () => {
    await alerts.report(topics.diagnostics, 'waited-1', { recordedAt: ago(5), dtcs: [{ code: 'P0100', status: 'active' }] });
    await eventually(async () => expect((await alerts.rows('select from condition_facts')).length).toBe(1));
    await Promise.all([alerts.start({ NODE_ID: 'judge-a' }), alerts.start({ NODE_ID: 'judge-b' })]);
    await world.untilAlerts('waited-1', [{ type: 'dtc', key: 'P0100', status: 'open' }]);
    await alerts.untilTold('waited-1', ['alert.opened']);
  });

  it('a certificate is one alert whose severity rises, which opens it again for who acknowledged it, until a newer one is shown', async () => {
    const node = alerts.node('node-certificates');
    const ending = (serial: string, days: number) => ({
      certificate: { issuer: 'CN=test', serial, notAfter: new Date(Date.now() + days * 86_400_000).toISOString() },
    });
    const first = await node.connected('cert-1', ending('0a', 20));
    await world.untilAlerts('cert-1', [
      { type: 'certificate_expiring', severity: 'info', status: 'open', details: { condition: { serial: '0a' } } },
    ]);
    await alerts.rows(
      `update alerts set status = 'acknowledged', acknowledged_at = now(), acknowledged_by = 'me' where type = 'certificate_expiring'`,
    );
    await node.disconnected('cert-1', first, 'client_disconnect');
    const second = await node.connected('cert-1', ending('0b', 0.5));
    await world.untilAlerts('cert-1', [{ severity: 'critical', status: 'open', details: { condition: { serial: '0b' } } }]);
    await node.disconnected('cert-1', second, 'client_disconnect');
    await node.connected('cert-1');
    await world.untilAlerts('cert-1', [{ type: 'certificate_expiring', status: 'resolved' }]);
    await alerts.untilTold('cert-1', ['alert.opened', 'alert.reminded', 'alert.resolved']);
    const steps = await alerts.rows<{ status: string }>(
      `select h.status from alert_history h join alerts a on a.id = h.alert_id where a.type = 'certificate_expiring' order by h.id`,
    );
    expect(steps.map(({ status }) => status)).toEqual(['open', 'notified', 'raised', 'reminded', 'resolved']);
  });
});
