import { type Refused, topics } from '@milepost/contracts';
import type { IssuedCertificate } from '@milepost/pki';
import { readTopic, type TestPki, type TestTopics, type TopicReader, useTestScope } from '@milepost/test-support';
import { beforeAll, describe, expect, test } from 'vitest';
import { connectVehicle, endOf, outcomeOf, type VehicleOptions, vehicleClient } from './vehicle.js';

describe('who may connect', () => {
  const scope = useTestScope();
  let pki: TestPki;
  let strangers: TestPki;
  let kafka: TestTopics;
  let port: number;
  let presence: TopicReader;

  beforeAll(async () => {
    [pki, strangers, kafka] = await Promise.all([
      scope.pki({ organisations: ['acme', 'default'] }),
      scope.pki({ commonName: 'somebody else' }),
      scope.topics(),
    ]);
    const broker = await scope.app('broker', {
      ...kafka.environment,
      ...pki.environment,
      MQTT_TLS_PORT: '0',
      NODE_ID: 'node-i',
      OPERATOR_ORGANISATION: 'operators',
    });
    port = Number((await broker.waitForLog('broker.listening')).port);
    presence = await readTopic(scope, kafka, topics.presence);
  });

  const refusal = async (reason: Refused['reason'], commonName?: string): Promise<Refused> => {
    const matches = (record: Refused) => record.kind === 'refused' && record.reason === reason && record.commonName === commonName;
    const found = (await presence.until<Refused>((all) => all.some(matches))).find(matches);
    if (found === undefined) throw new Error('unreachable: it was found');
    return found;
  };
  const attempt = (certificate: IssuedCertificate | undefined, options: Partial<VehicleOptions> = {}) =>
    outcomeOf(vehicleClient({ port, caPem: pki.caPem, ...(certificate && { certificate }), ...options }));

  test('not who sends no certificate', async () => {
    expect(await attempt(undefined)).toBe('closed');
    expect(await refusal('no_certificate')).toMatchObject({
      organisation: 'operators',
      count: 1,
      remedy: expect.stringContaining('certificate'),
    });
  });

  test('not who has a certificate of an unknown CA, whatever organisation it claims', async () => {
    expect(await attempt(await strangers.issue('van-1', { organisation: 'acme' }))).toBe('closed');
    expect(await refusal('unknown_ca', 'van-1')).toMatchObject({ organisation: 'operators', serial: expect.any(String) });
  });

  test('not whose certificate has expired or is not valid yet', async () => {
    const past = { notBefore: new Date(Date.now() - 7_200_000), notAfter: new Date(Date.now() - 3_600_000) };
    expect(await attempt(await pki.issue('van-2', { organisation: 'acme', ...past }))).toBe('closed');
    expect(await refusal('expired', 'van-2')).toMatchObject({ organisation: 'acme' });
    expect(await attempt(await pki.issue('van-3', { notBefore: new Date(Date.now() + 3_600_000) }))).toBe('closed');
    await refusal('not_yet_valid', 'van-3');
  });

  test('not for an organisation that its CA may not speak for', async () => {
    expect(await attempt(await pki.issue('van-4', { organisation: 'rivals' }))).toBe('closed');
    expect(await refusal('organisation_not_allowed', 'van-4')).toMatchObject({ organisation: 'operators' });
  });

  test('not with the client id of another vehicle: 0x85, and 0x02 in 3.1.1', async () => {
    const certificate = await pki.issue('van-5', { organisation: 'acme' });
    expect(await attempt(certificate, { clientId: 'van-6' })).toBe(0x85);
    expect(await attempt(certificate, { clientId: 'van-6', protocolVersion: 4 })).toBe(0x02);
    expect(await refusal('client_id_mismatch', 'van-5')).toMatchObject({ organisation: 'acme', count: 1 });
  });

  test('with an empty client id, and is told the one of the certificate', async () => {
    const client = vehicleClient({ port, caPem: pki.caPem, certificate: await pki.issue('van-7'), clientId: '' });
    const assigned = await new Promise((resolve) =>
      client.once('connect', (connack) => resolve(connack.properties?.assignedClientIdentifier)),
    );
    expect(assigned).toBe('van-7');
    await client.endAsync();
  });

  test('not with a will on a topic that the vehicle may not publish: 0x87, and 5 in 3.1.1', async () => {
    const certificate = await pki.issue('van-8');
    const will = { topic: 'fleet/van-1/status', payload: Buffer.from('gone'), qos: 1 as const, retain: false };
    expect(await attempt(certificate, { will })).toBe(0x87);
    expect(await attempt(certificate, { will, protocolVersion: 4 })).toBe(5);
    await refusal('will_not_authorised', 'van-8');
  });

  test('not any longer within 5 s of the revocation of its certificate', async () => {
    const certificate = await pki.issue('van-9', { organisation: 'acme' });
    const client = await connectVehicle({ port, caPem: pki.caPem, certificate });
    const ended = endOf(client);
    const revokedAt = Date.now();
    await pki.revoke(certificate.serial);
    expect(await ended).toBe(0x87);
    expect(Date.now() - revokedAt).toBeLessThan(5_000);
    await presence.until<{ kind: string; cause?: string }>(
      (all) => all.some(({ kind, cause }) => kind === 'disconnected' && cause === 'revoked'),
      'van-9',
    );
    expect(await attempt(certificate)).toBe('closed');
    await refusal('revoked', 'van-9');
  });

  test('not beyond the end of its certificate', async () => {
    const certificate = await pki.issue('van-10', { notBefore: new Date(Date.now() - 60_000), notAfter: new Date(Date.now() + 10_000) });
    const client = await connectVehicle({ port, caPem: pki.caPem, certificate });
    expect(await endOf(client)).toBe(0x87);
    await presence.until<{ kind: string; cause?: string }>((all) => all.some(({ cause }) => cause === 'certificate_expired'), 'van-10');
  });
});
