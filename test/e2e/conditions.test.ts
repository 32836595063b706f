import type { Alert, Event, Geofence } from '@milepost/contracts';
import { eventually, useTestScope } from '@milepost/test-support';
import type { MqttClient } from 'mqtt';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Pipeline, startPipeline } from './support/pipeline.js';
import { startWebhookReceiver, type WebhookReceiver } from './support/webhook-receiver.js';

const patience = { timeoutMs: 20_000, everyMs: 20 };

describe('what a vehicle reports of itself', () => {
  const scope = useTestScope();
  let pipeline: Pipeline;
  let receiver: WebhookReceiver;
  const alertsOf = (vehicleId: string) => pipeline.api.all<Alert>(`/v1/alerts?vehicleId=${vehicleId}`);
  const eventsOf = (vehicleId: string): Event[] => receiver.events.filter(({ data }) => data.alert?.vehicleId === vehicleId);
  const send = (client: MqttClient, topic: string, payload: object) =>
    client.publishAsync(`fleet/${client.options.clientId}/${topic}`, JSON.stringify(payload), { qos: 1 });
  /** Until the API shows alerts like these of a vehicle; how long that took. */
  const shown = async (vehicleId: string, expected: object[]) => {
    const since = Date.now();
    const alerts = await eventually(async () => {
      const found = await alertsOf(vehicleId);
      expect(found).toMatchObject(expected);
      return found;
    }, patience);
    return { alerts, ms: Date.now() - since };
  };

  beforeAll(async () => {
    pipeline = await startPipeline(scope);
    receiver = await startWebhookReceiver(scope, pipeline.api);
  });

  test('an SOS and a trouble code are alerts at the API and signed webhooks, each once', async ({ annotate }) => {
    const client = await pipeline.vehicle('van-help');
    const position = { latitude: 48.1, longitude: 11.5 };
    const fix = { recordedAt: new Date().toISOString(), ...position, events: [{ name: 'SOS', severity: 'critical' }] };
    await send(client, 'location', fix);
    const sos = await shown('van-help', [{ type: 'sos', status: 'open', severity: 'critical', condition: { event: 'SOS', position } }]);
    await send(client, 'location', fix);
    const report = { recordedAt: new Date().toISOString(), dtcs: [{ code: 'P0420', status: 'active' }] };
    await send(client, 'diagnostics', report);
    const dtc = await shown('van-help', [
      { type: 'dtc', status: 'open', condition: { code: 'P0420', recordedAt: report.recordedAt } },
      { type: 'sos', condition: { count: 1 } },
    ]);
    await eventually(
      () =>
        expect(eventsOf('van-help').map(({ type, data }) => `${type} ${data.alert?.type}`)).toEqual([
          'alert.opened sos',
          'alert.opened dtc',
        ]),
      patience,
    );
    const help = sos.alerts[0]?.id;
    const resolved = await pipeline.api.post<Alert>(`/v1/alerts/${help}/resolve`, { note: 'false alarm' });
    expect(resolved).toMatchObject({ id: help, type: 'sos' });
    await shown('van-help', [
      { type: 'dtc', status: 'open' },
      { id: help, status: 'resolved' },
    ]);
    const refused = await pipeline.api.fetch(`/v1/alerts/${dtc.alerts[0]?.id}/resolve`, { method: 'POST' });
    expect([refused.status, ((await refused.json()) as { code: string }).code]).toEqual([409, 'alert_ends_by_itself']);
    await annotate(`from the acknowledgement to the API: SOS ${sos.ms} ms, trouble code ${dtc.ms} ms`);
  });

  test('a geofence made by the API is crossed, told, and resolved by the way back', async ({ annotate }) => {
    const shape = { type: 'Circle', center: { latitude: 52.5, longitude: 13.4 }, radiusM: 500 };
    const { id } = await pipeline.api.post<Geofence>('/v1/geofences', { name: 'home', shape, alertOn: 'exit' });
    const client = await pipeline.vehicle('van-fence');
    let n = 0;
    // One behind the other, and behind the fence.
    const at = (latitude: number) => send(client, 'location', { recordedAt: Date.now() + ++n, latitude, longitude: 13.4 });
    // Ingest minds a new fence within a second: what came before is not held against it. Each further round is a crossing too.
    await eventually(
      async () => {
        for (const latitude of [52.5, 52.5, 52.51, 52.51]) await at(latitude);
        expect(await alertsOf('van-fence')).not.toEqual([]);
      },
      { timeoutMs: 20_000, everyMs: 500 },
    );
    await pipeline.settled();
    await at(52.5);
    await at(52.5);
    const since = Date.now();
    await eventually(async () => {
      const crossings = await alertsOf('van-fence');
      const resolved = { type: 'geofence_exit', status: 'resolved', condition: { geofenceId: id, geofenceName: 'home' } };
      expect(crossings).toMatchObject(crossings.map(() => resolved));
    }, patience);
    await annotate(`from the acknowledgement to the API: ${Date.now() - since} ms`);
  });

  test('a certificate that ends in three days is an alert as soon as the vehicle connects, and no longer once it has another', async () => {
    const expiring = await pipeline.pki.issue('van-cert', { notAfter: new Date(Date.now() + 3 * 86_400_000) });
    const client = await pipeline.vehicle('van-cert', { certificate: expiring });
    await shown('van-cert', [
      { type: 'certificate_expiring', status: 'open', severity: 'warning', condition: { notAfter: expect.any(String) } },
    ]);
    await client.endAsync();
    await pipeline.vehicle('van-cert', { certificate: await pipeline.pki.issue('van-cert') });
    await shown('van-cert', [{ type: 'certificate_expiring', status: 'resolved' }]);
  });
});
