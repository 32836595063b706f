import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { choosePort } from '@milepost/backing-services';
import type { StackFile } from '@milepost/contracts';

const root = fileURLToPath(new URL('../../../../../..', import.meta.url));

export interface StackUnderTest {
  file: StackFile;
  pkiFolder: string;
  /** Apps and services by name. */
  processes: { name: string; pid: number }[];
  stop(): Promise<void>;
}

/** The whole stack without a fleet, on free ports and a data folder of its own, which is deleted afterwards. */
export async function startStackUnderTest({ brokerProcesses = 1 } = {}): Promise<StackUnderTest> {
  const folder = join(mkdtempSync(join(tmpdir(), 'milepost-bench-')), 'data');
  const environment = {
    ...process.env,
    MILEPOST_DATA_DIR: folder,
    MQTT_TLS_PORT: String(await choosePort()),
    MQTT_OPERATOR_TLS_PORT: String(await choosePort()),
    MQTT_WS_PORT: String(await choosePort()),
    HTTP_PORT: String(await choosePort()),
    BROKER_PROCESSES: String(brokerProcesses),
    KAFKA_PROFILE: process.env.KAFKA_PROFILE ?? 'throughput',
    LOG_LEVEL: process.env.LOG_LEVEL ?? 'warn',
  };
  const child = spawn(process.execPath, [join(root, 'apps/stack/dist/main.js'), '--no-fleet'], {
    env: environment,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  let output = '';
  await new Promise<void>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk;
      if (output.includes('milepost is up.')) resolve();
    });
    child.once('exit', (code) => reject(new Error(`The stack ended with exit code ${code}:\n${output}`)));
  });
  const read = (name: string) => JSON.parse(readFileSync(join(folder, name), 'utf8'));
  return {
    file: read('stack.json') as StackFile,
    pkiFolder: join(folder, 'pki'),
    processes: (read('running.json') as { processes: { name: string; pid: number }[] }).processes,
    stop: async () => {
      child.kill('SIGTERM');
      await exited;
      rmSync(join(folder, '..'), { recursive: true, force: true });
    },
  };
}
