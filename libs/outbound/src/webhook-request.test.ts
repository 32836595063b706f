import { Webhook } from 'standardwebhooks';
import Type from 'typebox';
import { Value } from 'typebox/value';
import { describe, expect, it } from 'vitest';
import type { PostableAlert } from './alertmanager-body.js';
import { maxPayloadBytes } from './fitting-body.js';
import { type WebhookMessage, webhookRequest } from './webhook-request.js';

const secret = `whsec_${Buffer.from('a secret for unit tests').toString('base64')}`;
const nowMs = Date.now();

const alert = {
  id: '019aa1b2-6f3c-7c55-b1e4-2f1f0a6a9d11',
  type: 'offline',
  status: 'open',
  severity: 'critical',
  vehicleId: 'truck-7',
  cause: 'keepalive_timeout',
  openedAt: '2026-11-24T02:40:01.273Z',
};
const event = (type: string, data: object) => JSON.stringify({ id: 'event-1', type, timestamp: '2026-11-24T02:40:02.000Z', data });

const requestFor = (body: string, more: Partial<WebhookMessage> = {}) =>
  webhookRequest({ eventId: 'event-1', body, format: 'native', secrets: [secret], nowMs, publicUrl: 'https://fleet.example', ...more });

/** `postableAlerts` of Alertmanager's API v2: `labels` and `generatorURL` of `alert`, the rest of `postableAlert`. */
const labelSet = Type.Record(Type.String({ pattern: '^[a-zA-Z_][a-zA-Z0-9_]*$' }), Type.String(), { additionalProperties: false });
const instant = Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(\\.\\d+)?(Z|[+-]\\d{2}:\\d{2})$' });
const postableAlerts = Type.Array(
  Type.Object(
    { labels: labelSet, annotations: labelSet, startsAt: instant, endsAt: instant, generatorURL: Type.String({ pattern: '^https?://' }) },
    { additionalProperties: false },
  ),
);

function postable(type: string, data: object): PostableAlert {
  const { body } = requestFor(event(type, data), { format: 'alertmanager' });
  expect([...Value.Errors(postableAlerts, JSON.parse(body))]).toEqual([]);
  const [only, ...others] = JSON.parse(body) as PostableAlert[];
  if (only === undefined || others.length > 0) throw new Error('one alert was expected');
  return only;
}

describe('webhookRequest', () => {
  it('sends a native event byte for byte, signed', () => {
    const body = event('alert.opened', { alert });
    const request = requestFor(body);
    expect(request.body).toBe(body);
    expect(new Webhook(secret).verify(request.body, request.headers)).toMatchObject({ id: 'event-1' });
  });

  it('adds custom headers and lets none of them stand for one of ours', () => {
    const { headers } = requestFor(event('alert.opened', { alert }), { headers: { authorization: 'Bearer x', 'webhook-id': 'forged' } });
    expect(headers).toMatchObject({ authorization: 'Bearer x', 'webhook-id': 'event-1' });
  });

  it('sends 256 KiB as they are, and of a larger event who, what and when, and that it was cut', () => {
    const frame = event('alert.opened', { alert: { ...alert, note: '' } });
    const full = event('alert.opened', { alert: { ...alert, note: 'x'.repeat(maxPayloadBytes - frame.length) } });
    expect(Buffer.byteLength(full)).toBe(maxPayloadBytes);
    expect(requestFor(full).body).toBe(full);

    const over = event('alert.opened', { alert: { ...alert, note: 'ü'.repeat(maxPayloadBytes / 2), will: { payloadBase64: 'AA' } } });
    const request = requestFor(over);
    expect(JSON.parse(request.body)).toEqual({
      ...JSON.parse(event('alert.opened', { alert })),
      truncated: { bytes: Buffer.byteLength(over), maxBytes: maxPayloadBytes },
    });
    expect(new Webhook(secret).verify(request.body, request.headers)).toMatchObject({ id: 'event-1' });
  });
});

describe('the format for Alertmanager', () => {
  it('fires from the opening on, and does not end by itself', () => {
    expect(postable('alert.opened', { alert })).toMatchObject({
      labels: { alertname: 'MilepostVehicleOffline', vehicle: 'truck-7', type: 'offline', severity: 'critical' },
      annotations: { summary: 'Vehicle truck-7: offline (keepalive_timeout), open', cause: 'keepalive_timeout', event_id: 'event-1' },
      startsAt: alert.openedAt,
      endsAt: '2027-11-24T02:40:02.000Z',
      generatorURL: 'https://fleet.example/v1/alerts?vehicleId=truck-7',
    });
  });

  it('ends with the same labels that it began with', () => {
    const [opened, acknowledged, resolved] = [
      postable('alert.opened', { alert }),
      postable('alert.acknowledged', { alert: { ...alert, status: 'acknowledged', acknowledgedBy: 'Ada' } }),
      postable('alert.resolved', { alert: { ...alert, status: 'resolved', resolvedAt: '2026-11-24T03:00:00.000Z', outageSeconds: 1_200 } }),
    ];
    expect(acknowledged.labels).toEqual(opened.labels);
    expect(resolved.labels).toEqual(opened.labels);
    expect([resolved.startsAt, resolved.endsAt]).toEqual([alert.openedAt, '2026-11-24T03:00:00.000Z']);
  });

  it('has a form for incidents, for suspended endpoints, and for whatever else there will be', () => {
    const incident = { id: 'i-1', scope: 'node', node: 'broker-1', status: 'open', openedAt: alert.openedAt, vehicles: 300, returned: 0 };
    expect(postable('incident.opened', { incident }).labels).toEqual({
      alertname: 'MilepostFleetIncident',
      severity: 'critical',
      scope: 'node',
      node: 'broker-1',
      incident: 'i-1',
    });
    const endpoint = { id: 'e-1', url: 'https://x.example/', reason: 'No delivery has succeeded for 12 hours' };
    expect(postable('webhook.endpoint.suspended', { endpoint }).labels.alertname).toBe('MilepostWebhookEndpointSuspended');
    expect(postable('pipeline.heartbeat', {})).toMatchObject({ startsAt: '2026-11-24T02:40:02.000Z', endsAt: '2026-11-24T02:45:02.000Z' });
  });
});
