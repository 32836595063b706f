import { runApp } from '@milepost/runtime';
import { configSchema } from './config.js';
import { startCanary } from './start.js';

await runApp({
  name: 'canary',
  description: 'a vehicle of the installation’s own, and the heartbeat that stops when the pipeline does',
  config: configSchema,
  start: startCanary,
});
