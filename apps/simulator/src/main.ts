import { runApp } from '@milepost/runtime';
import { configSchema } from './config.js';
import { startFleet } from './fleet.js';
import { ConnectFailures } from './link/connect-failures.js';
import { createSimulatorMetrics } from './metrics.js';
import { startReplay } from './replay/replay-drive.js';

await runApp({
  name: 'simulator',
  description: 'a fleet of real MQTT 5 clients over mutual TLS, on generated routes or a replayed drive',
  config: configSchema,
  async start({ config, logger, registry, fail, finish }) {
    const context = { config, logger, metrics: createSimulatorMetrics(registry), connectFailures: new ConnectFailures() };
    if (config.REPLAY_FILE !== undefined) {
      const replay = await startReplay(context, config.REPLAY_FILE);
      replay.done.then(finish, fail);
      return { ready: () => [], close: () => replay.stop() };
    }
    const fleet = await startFleet(context);
    return { ready: () => [], close: () => fleet.stop() };
  },
});
