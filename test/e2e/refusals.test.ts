import { type ConnectionAttempt, type RefusalReason, refusalRemedies } from '@milepost/contracts';
import { eventually, type TestPki, useTestScope } from '@milepost/test-support';
import { beforeAll, describe, expect, test } from 'vitest';
import { endOf, outcomeOf, publishCode, type VehicleOptions, vehicleClient } from '../integration/broker/vehicle.js';
import { type Pipeline, startPipeline } from './support/pipeline.js';

const HOUR_MS = 3_600_000;
const NOT_AUTHORIZED = 0x87;
const CLIENT_IDENTIFIER_NOT_VALID = 0x85;

describe('who is refused reads why, and what to do, in /v1/connection-attempts:', () => {
  const scope = useTestScope();
  let pipeline: Pipeline;
  let strangers: TestPki;
  const attempt = (options: Partial<VehicleOptions> = {}) =>
    outcomeOf(vehicleClient({ port: pipeline.mqttPort, caPem: pipeline.pki.caPem, ...options }));
  const issue = (vehicleId: string, startsInMs: number, endsInMs: number) =>
    pipeline.pki.issue(vehicleId, { notBefore: new Date(Date.now() + startsInMs), notAfter: new Date(Date.now() + endsInMs) });
  const expectAttempt = (reason: RefusalReason, commonName?: string) =>
    eventually(
      async () => {
        const attempts = await pipeline.api.all<ConnectionAttempt>('/v1/connection-attempts');
        const found = attempts.filter((one) => one.reason === reason && one.commonName === commonName);
        expect(found).toMatchObject([
          { address: expect.stringMatching(/^(127\.0\.0\.1|::1)$/), remedy: refusalRemedies[reason], at: expect.any(String) },
        ]);
      },
      { timeoutMs: 15_000, everyMs: 200 },
    );

  beforeAll(async () => {
    [pipeline, strangers] = await Promise.all([startPipeline(scope, { apps: ['broker', 'alerts', 'api'] }), scope.pki()]);
  });

  test('no certificate', async () => {
    expect(await attempt()).toBe('closed');
    await expectAttempt('no_certificate');
  });

  test('a certificate of another authority', async () => {
    expect(await attempt({ certificate: await strangers.issue('cab-stranger') })).toBe('closed');
    await expectAttempt('unknown_ca', 'cab-stranger');
  });

  test('an expired certificate', async () => {
    expect(await attempt({ certificate: await issue('cab-old', -2 * HOUR_MS, -HOUR_MS) })).toBe('closed');
    await expectAttempt('expired', 'cab-old');
  });

  test('a certificate that is not valid yet', async () => {
    expect(await attempt({ certificate: await issue('cab-new', HOUR_MS, 2 * HOUR_MS) })).toBe('closed');
    await expectAttempt('not_yet_valid', 'cab-new');
  });

  test('a certificate that was revoked while its vehicle was connected', async () => {
    const client = await pipeline.vehicle('cab-revoked');
    const ended = endOf(client);
    const { certificate } = await pipeline.identity('cab-revoked');
    await pipeline.pki.revoke(certificate.serial);
    expect(await ended).toBe(NOT_AUTHORIZED);
    expect(await attempt({ certificate })).toBe('closed');
    await expectAttempt('revoked', 'cab-revoked');
  });

  test('another vehicle’s client id', async () => {
    const { certificate } = await pipeline.identity('cab-honest');
    expect(await attempt({ certificate, clientId: 'cab-other' })).toBe(CLIENT_IDENTIFIER_NOT_VALID);
    await expectAttempt('client_id_mismatch', 'cab-honest');
  });

  test('a will on another vehicle’s topic', async () => {
    const { certificate } = await pipeline.identity('cab-ghost');
    const will = { topic: 'fleet/cab-honest/status', payload: Buffer.from('{"status":"offline"}'), qos: 1 as const, retain: false };
    expect(await attempt({ certificate, will })).toBe(NOT_AUTHORIZED);
    await expectAttempt('will_not_authorised', 'cab-ghost');
  });

  test('but not who publishes on another vehicle’s topic: that message alone is refused', async () => {
    const client = await pipeline.vehicle('cab-thief');
    const fix = JSON.stringify({ recordedAt: Date.now(), latitude: 1, longitude: 1 });
    expect(await publishCode(client, 'fleet/cab-honest/location', fix)).toBe(NOT_AUTHORIZED);
    expect(await publishCode(client, 'fleet/cab-thief/location', fix)).toBe(0);
    expect(await pipeline.app('broker').waitForLog('broker.publish.refused')).toMatchObject({
      vehicleId: 'cab-thief',
      topic: 'fleet/cab-honest/location',
    });
  });

  test('and nobody of another organisation reads any of it', async () => {
    expect(await (await pipeline.apiOf('others')).all('/v1/connection-attempts')).toEqual([]);
  });
});
