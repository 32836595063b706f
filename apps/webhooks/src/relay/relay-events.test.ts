import { EventEmitter } from 'node:events';
import { createLogger } from '@milepost/runtime';
import type { Pool } from 'pg';
import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { createWebhookMetrics } from '../metrics.js';
import { createRelay } from './relay-events.js';

const logger = createLogger({ app: 'test', level: 'silent' });
const writer = { append: () => Promise.reject(new Error('nothing is appended here')) };

test('a connection that did not say whether it has the lock is not used again: it may have it, and nobody would relay', async () => {
  const timeout = new Error('Query read timeout');
  const released: unknown[] = [];
  const client = Object.assign(new EventEmitter(), {
    query: () => Promise.reject(timeout),
    release: (error?: unknown) => void released.push(error),
  });
  const pool = { connect: async () => client } as unknown as Pool;
  const relay = createRelay({ pool, writer, logger, metrics: createWebhookMetrics(new Registry()) });
  await expect(relay.turn(3)).rejects.toBe(timeout);
  expect(released).toEqual([timeout]);
});
