import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { choosePort } from '@milepost/backing-services';

const main = fileURLToPath(new URL('../../../../../../apps/alerts/dist/main.js', import.meta.url));
const readyTimeoutMs = 120_000;

export interface AlertsProcesses {
  processes: { name: string; pid: number }[];
  /** Sum of a metric over labels and processes. */
  metric(name: string): Promise<number>;
  stop(): Promise<void>;
}

/** alerts as it is run in production: processes of their own from the build. Resolves when each has partitions. */
export async function startAlertsProcesses(count: number, environment: Record<string, string>): Promise<AlertsProcesses> {
  const children: ChildProcess[] = [];
  const ports: number[] = [];
  const stop = async () => {
    await Promise.all(
      children.map(async (child) => {
        if (child.exitCode !== null || child.signalCode !== null) return;
        const exited = once(child, 'exit');
        child.kill('SIGTERM');
        await exited;
      }),
    );
  };
  for (let n = 0; n < count; n += 1) {
    const port = await choosePort();
    ports.push(port);
    const env = { ...environment, STATUS_PORT: String(port), NODE_ID: `bench-alerts-${n}` };
    children.push(spawn(process.execPath, [main], { env, stdio: ['ignore', 'inherit', 'inherit'] }));
  }
  const isReady = async (port: number) => (await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined))?.ok === true;
  const deadline = performance.now() + readyTimeoutMs;
  while (!(await Promise.all(ports.map(isReady))).every(Boolean)) {
    const ended = children.some(({ exitCode }) => exitCode !== null);
    if (ended || performance.now() > deadline) {
      await stop();
      throw new Error(ended ? 'an alerts process ended' : `alerts was not ready within ${readyTimeoutMs} ms`);
    }
    await delay(100);
  }
  return {
    processes: children.flatMap(({ pid }, index) => (pid === undefined ? [] : [{ name: `alerts ${index + 1}`, pid }])),
    metric: async (name) => {
      const texts = await Promise.all(ports.map(async (port) => (await fetch(`http://127.0.0.1:${port}/metrics`)).text()));
      const lines = texts.flatMap((text) => text.split('\n')).filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
      return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
    },
    stop,
  };
}
