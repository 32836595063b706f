import { runApp } from '@milepost/runtime';
import { configSchema } from './config.js';
import { startAlerts } from './start-alerts.js';

await runApp({
  name: 'alerts',
  description: 'judges the presence of vehicles, and opens and resolves alerts',
  config: configSchema,
  start: startAlerts,
});
