import { presenceTimes } from '@milepost/contracts';
import { parseConfig } from '@milepost/runtime';
import { expect, test } from 'vitest';
import { configSchema } from './config.js';

test('heartbeats are further apart than the leases that move the clocks: else these would seem to stand still', () => {
  const files = { MQTT_CA_FILE: 'ca', CANARY_CERT_FILE: 'crt', CANARY_KEY_FILE: 'key' };
  const environment = { ...files, DATABASE_URL: 'postgres://canary@localhost/milepost', API_KEY: 'key' };
  const least = presenceTimes.leaseIntervalMs;
  expect(() => parseConfig(configSchema, { ...environment, HEARTBEAT_INTERVAL_MS: String(least) })).toThrow(/HEARTBEAT_INTERVAL_MS/);
  expect(parseConfig(configSchema, { ...environment, HEARTBEAT_INTERVAL_MS: '3000' })).toMatchObject({ HEARTBEAT_INTERVAL_MS: 3_000 });
});
