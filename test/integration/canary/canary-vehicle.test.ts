import { eventually, type TestPki, useTestScope } from '@milepost/test-support';
import { beforeAll, describe, expect, it } from 'vitest';
import { CanaryVehicle } from '../../../apps/canary/src/canary-vehicle.js';
import { type ScriptedBroker, startScriptedBroker } from './scripted-broker.js';

const scope = useTestScope();
let pki: TestPki;

beforeAll(async () => {
  pki = await scope.pki();
});

async function canaryAt(broker: ScriptedBroker): Promise<CanaryVehicle> {
  scope.onEnd(() => broker.close());
  const { certificatePem, privateKeyPem } = await pki.issue('milepost-canary');
  const canary = new CanaryVehicle({
    url: `mqtts://localhost:${broker.port}`,
    vehicleId: 'milepost-canary',
    ca: Buffer.from(pki.caPem),
    certificate: Buffer.from(certificatePem),
    privateKey: Buffer.from(privateKeyPem),
  });
  scope.onEnd(() => Promise.race([canary.close(), new Promise<void>((resolve) => setTimeout(resolve, 1_000))]));
  return canary;
}

describe('the canary', () => {
  it('tries again after a broker has refused it, and works as soon as it is let in', async () => {
    const broker = await startScriptedBroker(pki);
    // Server unavailable: Kafka does not answer it.
    broker.connackCode = 0x88;
    const canary = await canaryAt(broker);
    await eventually(() => expect(broker.connects).toBeGreaterThan(1), { timeoutMs: 20_000 });
    await expect(canary.report(1)).rejects.toThrow(/not connected: .*unavailable/i);
    broker.connackCode = 0;
    await eventually(() => expect(canary.connected).toBe(true), { timeoutMs: 20_000 });
    expect(await canary.report(2)).toBe('topic/0/7');
  });

  it('has one message under way, however long the broker cannot acknowledge it, and goes on behind it', async () => {
    const broker = await startScriptedBroker(pki);
    broker.acknowledges = false;
    const canary = await canaryAt(broker);
    await eventually(() => expect(canary.connected).toBe(true), { timeoutMs: 20_000 });
    const first = canary.report(1);
    for (const round of [2, 3, 4]) await expect(canary.report(round)).rejects.toThrow('an earlier message is not acknowledged yet');
    await eventually(() => expect(broker.published).toHaveLength(1));
    broker.acknowledges = true;
    broker.acknowledgeAll();
    expect(await first).toBe('topic/0/7');
    expect(await canary.report(5)).toBe('topic/0/7');
    expect(broker.published.map(({ payload }) => JSON.parse(String(payload)).signals['Milepost.Canary.Round'])).toEqual([1, 5]);
  });
});
