import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { type ConnectionAttempt, type Fix, type RefusalReason, refusalRemedies, type StatusReport } from '@milepost/contracts';
import { eventually, type TestPki, testServices, useTestScope } from '@milepost/test-support';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Pipeline, startPipeline } from '../e2e/support/pipeline.js';
import { runCli } from '../integration/cli/run-cli.js';
import { type MosquittoOptions, mosquitto, requireMosquittoClients } from './mosquitto.js';

describe("Debian's mosquitto-clients", () => {
  const scope = useTestScope();
  const dir = mkdtempSync(join(testServices().runDir, 'mosquitto-'));
  let pipeline: Pipeline;
  let strangers: TestPki;

  beforeAll(async () => {
    requireMosquittoClients();
    [pipeline, strangers] = await Promise.all([startPipeline(scope, { apps: ['broker', 'ingest', 'alerts', 'api'] }), scope.pki()]);
  });

  const issue = async (vehicleId: string, { pki = pipeline.pki, more = [] as string[] } = {}) => {
    const { code, stderr } = await runCli(['pki', 'issue', vehicleId, '--out', dir, '--pki', pki.dir, ...more]);
    expect(code, stderr).toBe(0);
    return { dir, vehicleId };
  };
  const connection = (certificate: MosquittoOptions['certificate'], protocol: MosquittoOptions['protocol']): MosquittoOptions => ({
    port: pipeline.mqttPort,
    caFile: pipeline.pki.authority.files.certificate,
    protocol,
    ...(certificate && { certificate }),
  });
  const fix = (sequence: number) => JSON.stringify({ recordedAt: Date.now(), latitude: 50, longitude: 8, sequence });
  const expectAttempt = (reason: RefusalReason, commonName?: string) =>
    eventually(
      async () => {
        const attempts = await pipeline.api.all<ConnectionAttempt>('/v1/connection-attempts');
        expect(attempts.map((one) => [one.reason, one.commonName, one.remedy])).toContainEqual([
          reason,
          commonName,
          refusalRemedies[reason],
        ]);
      },
      { timeoutMs: 15_000, everyMs: 200 },
    );

  describe.each(['mqttv311', 'mqttv5'] as const)('with -V %s', (protocol) => {
    const id = `mosquitto-${protocol}`;

    test.each([0, 1, 2])('publish with QoS %d, and the fix is stored [MQTT-7.0.0-2, v3 MQTT-7.0.0-2]', async (qos) => {
      const vehicleId = `${id}-${qos}`;
      const certificate = await issue(vehicleId);
      const { code, output } = await mosquitto('mosquitto_pub', connection(certificate, protocol), [
        ...['-q', String(qos), '-t', `fleet/${vehicleId}/location`, '-m', fix(qos)],
      ]);
      expect([code, output]).toEqual([0, '']);
      await eventually(async () => {
        const fixes = await pipeline.api.all<Fix>(`/v1/vehicles/${vehicleId}/locations`);
        expect(fixes).toMatchObject([{ sequence: qos, latitude: 50, longitude: 8 }]);
      });
    });

    test('leave a will that is published when they are killed', async () => {
      const vehicleId = `${id}-will`;
      const will = ['--will-topic', `fleet/${vehicleId}/status`, '--will-payload', '{"status":"offline"}', '--will-qos', '1'];
      const killed = new AbortController();
      const subscriber = mosquitto(
        'mosquitto_sub',
        connection(await issue(vehicleId), protocol),
        ['-t', `fleet/${vehicleId}/commands/#`, ...will],
        killed.signal,
      );
      await eventually(() =>
        expect(pipeline.app('broker').logs).toContainEqual(expect.objectContaining({ event: 'broker.connection.opened', vehicleId })),
      );
      killed.abort();
      await subscriber;
      await eventually(async () =>
        expect(await pipeline.api.all<StatusReport>(`/v1/vehicles/${vehicleId}/status-reports`)).toMatchObject([{ status: 'offline' }]),
      );
    });

    test('are granted their own commands, and denied those of others', async () => {
      const certificate = await issue(`${id}-sub`);
      const subscribe = (filter: string) =>
        mosquitto('mosquitto_sub', connection(certificate, protocol), ['-d', '-q', '1', '-W', '1', '-t', filter]);
      const [own, others, all] = [
        await subscribe(`fleet/${id}-sub/commands/#`),
        await subscribe('fleet/mosquitto-other/commands/#'),
        await subscribe('#'),
      ];
      expect(own.output).toMatch(/Subscribed \(mid: 1\): 1/);
      const denied = protocol === 'mqttv5' ? 135 : 128;
      for (const { output } of [others, all]) expect(output).toContain(`Subscribed (mid: 1): ${denied}`);
    });

    test('are refused on the topic of another vehicle, and nothing of it is stored', async () => {
      const certificate = await issue(`${id}-thief`);
      const { code, output } = await mosquitto('mosquitto_pub', connection(certificate, protocol), [
        ...['-d', '-q', '1', '-t', `fleet/${id}-victim/location`, '-m', fix(1)],
      ]);
      if (protocol === 'mqttv5') expect(output).toMatch(/Publish 1 failed: Not authorized|RC:135/);
      else expect(code).not.toBe(0);
      await eventually(() =>
        expect(pipeline.app('broker').logs.filter(({ event }) => event === 'broker.publish.refused')).toContainEqual(
          expect.objectContaining({ vehicleId: `${id}-thief`, topic: `fleet/${id}-victim/location` }),
        ),
      );
      expect((await pipeline.api.fetch(`/v1/vehicles/${id}-victim`)).status).toBe(404);
    });
  });

  describe('are refused, and /v1/connection-attempts says why,', () => {
    const refused = async (certificate: MosquittoOptions['certificate'], more: Partial<MosquittoOptions> = {}) => {
      const { code } = await mosquitto('mosquitto_pub', { ...connection(certificate, 'mqttv5'), ...more }, [
        ...['-q', '1', '-t', `fleet/${certificate?.vehicleId ?? 'nobody'}/location`, '-m', fix(1)],
      ]);
      expect(code).not.toBe(0);
    };

    test('without a certificate', async () => {
      await refused(undefined);
      await expectAttempt('no_certificate');
    });

    test('with one of another authority', async () => {
      await refused(await issue('mosquitto-stranger', { pki: strangers }));
      await expectAttempt('unknown_ca', 'mosquitto-stranger');
    });

    test('with one that has expired', async () => {
      await refused(await issue('mosquitto-expired', { more: ['--not-before', '-2h', '--not-after', '-1h'] }));
      await expectAttempt('expired', 'mosquitto-expired');
    });

    test('with one that was revoked', async () => {
      const certificate = await issue('mosquitto-revoked');
      const { code, stderr } = await runCli(['pki', 'revoke', 'mosquitto-revoked', '--pki', pipeline.pki.dir]);
      expect(code, stderr).toBe(0);
      const revokedAt = Date.now();
      await eventually(async () => {
        await refused(certificate);
        expect(pipeline.app('broker').logs).toContainEqual(expect.objectContaining({ reason: 'revoked', commonName: 'mosquitto-revoked' }));
      });
      expect(Date.now() - revokedAt).toBeLessThan(5_000);
      await expectAttempt('revoked', 'mosquitto-revoked');
    });

    test('with the client id of another vehicle', async () => {
      await refused(await issue('mosquitto-honest'), { clientId: 'mosquitto-other' });
      await expectAttempt('client_id_mismatch', 'mosquitto-honest');
    });
  });
});
