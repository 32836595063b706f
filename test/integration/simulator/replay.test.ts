import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createLogger, createMetrics, parseConfig } from '@milepost/runtime';
import { useTestScope } from '@milepost/test-support';
import { expect, test } from 'vitest';
import { configSchema } from '../../../apps/simulator/src/config.js';
import { ConnectFailures } from '../../../apps/simulator/src/link/connect-failures.js';
import { createSimulatorMetrics } from '../../../apps/simulator/src/metrics.js';
import { startReplay } from '../../../apps/simulator/src/replay/replay-drive.js';
import { startScriptedBroker } from '../canary/scripted-broker.js';

const scope = useTestScope();

test.each([
  [0x87, 'warn', '2 of 2 fixes of replay-lap were refused; the others are acknowledged'],
  [0, 'info', 'Every fix of replay-lap is acknowledged'],
])('a replay whose PUBACKs say %d ends by saying what became of the fixes', async (pubackCode, level, msg) => {
  const pki = await scope.pki();
  const broker = await startScriptedBroker(pki);
  scope.onEnd(() => broker.close());
  broker.pubackCode = pubackCode;
  const file = join(pki.dir, 'lap.csv');
  const at = (row: number) =>
    `current,Vehicle.CurrentLocation.Latitude,${row},0\ncurrent,Vehicle.CurrentLocation.Longitude,${row},0\ncurrent,Vehicle.Speed,1,0.5\n`;
  await writeFile(file, `field,signal,value,delay\n${at(1)}${at(2)}`);
  const lines: unknown[] = [];
  const config = parseConfig(configSchema, { PKI_DIR: pki.dir, MQTT_URL: `mqtts://localhost:${broker.port}`, REPLAY_SPEED: 'max' });
  const replay = await startReplay(
    {
      config,
      logger: createLogger({ app: 'test', destination: { write: (line) => void lines.push(JSON.parse(line)) } }),
      metrics: createSimulatorMetrics(createMetrics('test')),
      connectFailures: new ConnectFailures(),
    },
    file,
  );
  scope.onEnd(() => replay.stop());
  await replay.done;
  expect(lines).toContainEqual(expect.objectContaining({ event: 'replay.finished', level, msg }));
});
