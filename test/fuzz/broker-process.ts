import { type ChildProcess, spawn } from 'node:child_process';
import { on, once } from 'node:events';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';

/** From the root of the checkout, where tests and scripts run. */
const ENTRY = resolve('apps/broker/dist/conformance.js');
const READY_MS = 120_000;
const STOP_MS = 5_000;
const WEIGH_MS = 20_000;

/**
 * What the process runs when it is told to, from outside of the broker's own code: it collects all garbage and says what is left. V8 gives pages back
 * in threads of its own, and more of them the next time: a heap that is looked at behind one collection has up to 100 MiB that the third takes away.
 * What V8 keeps free after that follows the height of the last burst of garbage and not what the broker keeps, so it is taken off.
 */
const SCALES = `
  import { setTimeout } from 'node:timers/promises';
  import { getHeapStatistics } from 'node:v8';
  process.on('SIGUSR2', async () => {
    for (let n = 0; n < 3; n++) {
      gc();
      await setTimeout(200);
    }
    const heap = getHeapStatistics();
    console.log('keeps ' + (process.memoryUsage.rss() - heap.total_physical_size + heap.used_heap_size) + ' bytes');
  });`;
const WEIGHED = /keeps (\d+) bytes\n/;
const WITH_SCALES = ['--expose-gc', '--import', `data:text/javascript,${encodeURIComponent(SCALES)}`];

/** The broker that is fuzzed, as a process of its own. */
export class BrokerProcess {
  private constructor(
    private readonly child: ChildProcess,
    readonly port: number,
    /** Where it speaks MQTT over WebSocket, when it was asked to. */
    readonly webSocketUrl: string | undefined,
  ) {}

  /** The conformance broker of this checkout, from its build. */
  static async start(options: readonly string[] = []): Promise<BrokerProcess> {
    const child = spawn(process.execPath, [...WITH_SCALES, ENTRY, '--port', '0', ...options], { stdio: ['ignore', 'pipe', 'inherit'] });
    const lines = await linesUntilReady(child);
    child.stdout?.resume();
    const webSocketUrl = lines.map((line) => /ws:\S+$/.exec(line)?.[0]).find((url) => url !== undefined);
    return new BrokerProcess(child, Number(/:(\d+)$/.exec(lines.at(-1) ?? '')?.[1]), webSocketUrl);
  }

  get over(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  /** Resident memory of the process without garbage and without what V8's heap has free; undefined: it does not say, being stuck or over. */
  async keptBytes(): Promise<number | undefined> {
    const { stdout } = this.child;
    if (stdout === null || this.over) return undefined;
    const signal = AbortSignal.timeout(WEIGH_MS);
    this.child.kill('SIGUSR2');
    let said = '';
    try {
      for await (const data of on(stdout, 'data', { signal, close: ['close'] })) {
        said += String(data);
        const bytes = WEIGHED.exec(said)?.[1];
        if (bytes !== undefined) return Number(bytes);
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
    return undefined;
  }

  async stop(): Promise<void> {
    if (this.over) return;
    this.child.kill('SIGTERM');
    const timer = setTimeout(() => this.child.kill('SIGKILL'), STOP_MS);
    await once(this.child, 'exit');
    clearTimeout(timer);
  }
}

async function linesUntilReady(child: ChildProcess): Promise<string[]> {
  if (child.stdout === null) throw new Error('the broker has no output');
  const lines = createInterface({ input: child.stdout });
  const timer = setTimeout(() => child.kill('SIGKILL'), READY_MS);
  try {
    const said: string[] = [];
    for await (const line of lines) {
      said.push(line);
      if (line.includes('ready')) return said;
    }
  } finally {
    clearTimeout(timer);
  }
  throw new Error('the broker ended before it was ready');
}
