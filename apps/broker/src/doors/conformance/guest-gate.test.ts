import type { Connect } from '@milepost/mqtt';
import { expect, it } from 'vitest';
import { GuestGate } from './guest-gate.js';

function clientIdFor(clientId: string): string | undefined {
  const connect: Connect = { type: 'connect', protocolVersion: 5, clientId, cleanStart: true, keepAliveSeconds: 0, properties: {} };
  const admittance = new GuestGate('127.0.0.1', new Set()).admit(connect);
  return admittance.ok ? admittance.access.clientId : undefined;
}

it('each guest without a client id gets one that no other has [MQTT-3.2.2-16]', () => {
  const given = Array.from({ length: 1_000 }, () => clientIdFor(''));
  expect(new Set(given).size).toBe(1_000);
  expect(given).not.toContain(undefined);
  expect(given).not.toContain('');
});

it('a guest that names itself keeps its name, whatever it is [MQTT-3.1.3-2, v3 MQTT-3.1.3-2]', () => {
  for (const clientId of ['truck-1', 'ü/日本 #+$', 'x'.repeat(300)]) expect(clientIdFor(clientId)).toBe(clientId);
});
