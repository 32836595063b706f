import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { choosePort } from '@milepost/backing-services';
import { FEW_FULL_COLLECTIONS } from '@milepost/runtime';

const main = fileURLToPath(new URL('../../../../../../apps/ingest/dist/main.js', import.meta.url));
const readyTimeoutMs = 60_000;

export interface IngestProcess {
  pid: number;
  ready(): Promise<boolean>;
  /** Sum of a metric over its labels. */
  metric(name: string): Promise<number>;
}

export interface IngestProcesses {
  all: readonly IngestProcess[];
  untilReady(): Promise<void>;
  stop(): Promise<void>;
}

/** Ingest as it is run in production: processes of their own from the build, configured by environment variables alone. Each leaves its CPU profile in the folder, if one is named. */
export async function startIngestProcesses(
  count: number,
  environment: Record<string, string>,
  profileFolder?: string,
): Promise<IngestProcesses> {
  const flags = profileFolder === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileFolder}`];
  const children: ChildProcess[] = [];
  const all: IngestProcess[] = [];
  for (let n = 0; n < count; n += 1) {
    const port = await choosePort();
    const child = spawn(process.execPath, [FEW_FULL_COLLECTIONS, ...flags, main], {
      env: { ...environment, STATUS_PORT: String(port) },
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    if (child.pid === undefined) throw new Error('ingest could not be started');
    children.push(child);
    all.push({
      pid: child.pid,
      ready: async () => (await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined))?.ok === true,
      metric: async (name) => sumOf(await (await fetch(`http://127.0.0.1:${port}/metrics`)).text(), name),
    });
  }
  return {
    all,
    untilReady: async () => {
      const deadline = performance.now() + readyTimeoutMs;
      while (!(await Promise.all(all.map((one) => one.ready()))).every(Boolean)) {
        if (children.some(({ exitCode }) => exitCode !== null)) throw new Error('an ingest process ended');
        if (performance.now() > deadline) throw new Error(`ingest was not ready within ${readyTimeoutMs} ms`);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
    stop: async () => {
      await Promise.all(
        children.map(async (child) => {
          if (child.exitCode !== null || child.signalCode !== null) return;
          const exited = once(child, 'exit');
          child.kill('SIGTERM');
          await exited;
        }),
      );
    },
  };
}

/** Prometheus text format: `name{label="value"} 3`. */
function sumOf(text: string, metric: string): number {
  return text
    .split('\n')
    .filter((line) => line.startsWith(`${metric}{`) || line.startsWith(`${metric} `))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}
