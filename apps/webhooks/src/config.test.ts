import { parseConfig } from '@milepost/runtime';
import { expect, test } from 'vitest';
import { configSchema } from './config.js';

test('a pool of one connection, which the relay alone would have, is refused', () => {
  const environment = { DATABASE_URL: 'postgres://milepost_webhooks@localhost/milepost', KAFKA_BROKERS: 'localhost:9092' };
  expect(() => parseConfig(configSchema, { ...environment, DATABASE_POOL_SIZE: '1' })).toThrow(/DATABASE_POOL_SIZE/);
  expect(parseConfig(configSchema, { ...environment, DATABASE_POOL_SIZE: '2' })).toMatchObject({ DATABASE_POOL_SIZE: 2 });
});
