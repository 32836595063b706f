import { setTimeout as delay } from 'node:timers/promises';
import { eventually, type TestApp, useTestScope } from '@milepost/test-support';
import { beforeAll, describe, expect, it } from 'vitest';
import { type AlertsScope, alertsScope } from './alerts-scope.js';
import type { FakeNode } from './fake-node.js';

const scope = useTestScope();
let alerts: AlertsScope;
let app: TestApp;
let node: FakeNode;

beforeAll(async () => {
  alerts = await alertsScope(scope);
  node = alerts.node('node-1');
  app = await alerts.start({ NODE_ID: 'alerts-1' });
});

describe('alerts, from Kafka to the outbox', { concurrent: true }, () => {
  it('opens one alert for a lost vehicle and resolves it when it is back', async () => {
    const connection = await node.connected('lost-1');
    await alerts.untilState('lost-1', 'online');
    const ended = await node.disconnected('lost-1', connection, 'network_error');
    await node.repeat('lost-1', ended);
    const [opened] = await alerts.untilTold('lost-1', ['alert.opened']);
    expect(opened?.data.alert).toMatchObject({
      type: 'offline',
      status: 'open',
      severity: 'critical',
      vehicleId: 'lost-1',
      cause: 'network_error',
      will: { topic: 'fleet/lost-1/status', payloadBase64: 'Z29uZQ==' },
    });
    expect(opened?.data.alert?.lastContactAt).toBeDefined();
    await node.repeat('lost-1', ended);
    await node.connected('lost-1');
    const events = await alerts.untilTold('lost-1', ['alert.opened', 'alert.resolved']);
    const resolved = events[1]?.data.alert;
    expect(resolved).toMatchObject({ id: opened?.data.alert?.id, status: 'resolved' });
    expect(resolved?.outageSeconds).toBeGreaterThan(0.9);
    const history = await alerts.rows<{ status: string; actor: string }>(
      'select status, actor from alert_history where alert_id = $1 order by id',
      [resolved?.id],
    );
    expect(history).toEqual([
      { status: 'open', actor: 'milepost' },
      { status: 'notified', actor: 'milepost' },
      { status: 'resolved', actor: 'milepost' },
    ]);
  });

  it('resolves an acknowledged alert too, and says by whom it was acknowledged', async () => {
    const connection = await node.connected('known-1');
    await node.disconnected('known-1', connection, 'keepalive_timeout');
    const [opened] = await alerts.untilTold('known-1', ['alert.opened']);
    await alerts.rows(`update alerts set status = 'acknowledged', acknowledged_at = now(), acknowledged_by = 'ops' where id = $1`, [
      opened?.data.alert?.id,
    ]);
    await node.connected('known-1');
    const events = await alerts.untilTold('known-1', ['alert.opened', 'alert.resolved']);
    expect(events[1]?.data.alert).toMatchObject({ status: 'resolved', acknowledgedBy: 'ops' });
  });

  it('tells nobody of a vehicle that left in order', async () => {
    const connection = await node.connected('parked-1');
    await node.disconnected('parked-1', connection, 'client_disconnect');
    await alerts.untilState('parked-1', 'parked');
    await delay(5_000);
    expect(await alerts.eventsOf('parked-1')).toEqual([]);
  });

  it('stores a refused attempt once, however often its record was written', async () => {
    const refused = await node.refused('knocking-1', '198.51.100.9');
    await node.repeat('knocking-1', refused);
    await node.refused('knocking-1', '198.51.100.9', { reason: 'revoked', count: 7 });
    await eventually(async () => {
      const attempts = await alerts.rows('select reason, count, address from connection_attempts where common_name = $1 order by reason', [
        'knocking-1',
      ]);
      expect(attempts).toEqual([
        { reason: 'expired', count: 1, address: '198.51.100.9' },
        { reason: 'revoked', count: 7, address: '198.51.100.9' },
      ]);
    });
  });

  it('tells of two clients with one identity once, with both addresses', async () => {
    await node.connected('twin-1', { address: '192.0.2.1' });
    await node.refused('twin-1', '192.0.2.2', { reason: 'take_over_limit' });
    await node.refused('twin-1', '192.0.2.2', { reason: 'take_over_limit' });
    const [opened] = await alerts.untilTold('twin-1', ['alert.opened']);
    expect(opened?.data.alert).toMatchObject({ type: 'identity_conflict', addresses: ['192.0.2.1', '192.0.2.2'] });
  });

  it('passes over what cannot be read and what belongs to another organisation', async () => {
    await node.connected('bound-1');
    await alerts.untilState('bound-1', 'online');
    await alerts.writer.append({ topic: 'fleet.presence', key: 'bound-1', value: Buffer.from('{"kind":"connected"}') });
    const foreign = await node.connected('bound-1', { organisation: 'another' });
    await node.disconnected('bound-1', foreign, 'network_error');
    const last = await node.connected('bound-2');
    await node.disconnected('bound-2', last, 'network_error');
    await alerts.untilTold('bound-2', ['alert.opened']);
    await alerts.untilState('bound-1', 'online');
    // A batch that is read again, as after a rebalance, is counted again.
    expect(await app.metric('milepost_alerts_records_skipped_total', { reason: 'malformed' })).toBeGreaterThanOrEqual(1);
    expect(await app.metric('milepost_alerts_records_skipped_total', { reason: 'wrong_organisation' })).toBeGreaterThanOrEqual(1);
  });

  it('goes on when Postgres ends its connections', async () => {
    const connection = await node.connected('shaken-1');
    await node.disconnected('shaken-1', connection, 'network_error');
    for (let time = 0; time < 5; time += 1) {
      await alerts.rows(
        `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name = 'milepost-alerts'`,
      );
      await delay(400);
    }
    await alerts.untilTold('shaken-1', ['alert.opened']);
    expect(await app.ready()).toBe(true);
  });
});
