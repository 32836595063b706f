import { runApp } from '@milepost/runtime';
import { configSchema } from './config.js';
import { startIngest } from './start-ingest.js';

await runApp({
  name: 'ingest',
  description:
    'stores what vehicles sent: Kafka location, diagnostics and status → Postgres, each record once, or a dead letter with its reason',
  config: configSchema,
  start: startIngest,
});
