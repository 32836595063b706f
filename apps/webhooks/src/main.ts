import { runApp } from '@milepost/runtime';
import { configSchema } from './config.js';
import { startWebhooks } from './start.js';

await runApp({
  name: 'webhooks',
  description: 'delivers events from the outbox to webhook endpoints, signed, and relays them to fleet.alerts',
  config: configSchema,
  start: startWebhooks,
});
