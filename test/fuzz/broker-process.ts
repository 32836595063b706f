import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';

/** From the root of the checkout, where tests and scripts run. */
const ENTRY = resolve('apps/broker/dist/conformance.js');
const READY_MS = 120_000;
const STOP_MS = 5_000;
const COLLECT_MS = 20_000;
/** Collects all garbage when it is told to, from outside of the broker's own code, and says so. */
const COLLECTED = 'all garbage is collected';
const COLLECTOR = `process.on('SIGUSR2', () => { gc(); console.log('${COLLECTED}'); })`;
const COLLECTING = ['--expose-gc', '--import', `data:text/javascript,${encodeURIComponent(COLLECTOR)}`];

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
    const child = spawn(process.execPath, [...COLLECTING, ENTRY, '--port', '0', ...options], { stdio: ['ignore', 'pipe', 'inherit'] });
    const lines = await linesUntilReady(child);
    child.stdout?.resume();
    const webSocketUrl = lines.map((line) => /ws:\S+$/.exec(line)?.[0]).find((url) => url !== undefined);
    return new BrokerProcess(child, Number(/:(\d+)$/.exec(lines.at(-1) ?? '')?.[1]), webSocketUrl);
  }

  get over(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  /**
   * Resident memory of the process without its garbage, of which there is the more the faster clients come and go, and of those that it started; 0
   * where there is no /proc.
   */
  async residentBytes(): Promise<number> {
    await this.collectGarbage();
    if (this.child.pid === undefined || !existsSync('/proc/self/status')) return 0;
    const family = new Set([this.child.pid]);
    for (const { pid, parent } of processes()) if (family.has(parent)) family.add(pid);
    return [...family].reduce((sum, pid) => sum + residentBytesOf(pid), 0);
  }

  private async collectGarbage(): Promise<void> {
    const { stdout } = this.child;
    if (stdout === null || this.over) return;
    const signal = AbortSignal.timeout(COLLECT_MS);
    // One that hangs or ends is found as such: its memory is looked at as it is.
    const heard = () => once(stdout, 'data', { signal }).catch(() => undefined);
    this.child.kill('SIGUSR2');
    for (let said = ''; !said.includes(COLLECTED) && !signal.aborted && !this.over; ) said += String(await heard());
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

/** In the order of their ids, so that parents mostly come first. */
function processes(): { pid: number; parent: number }[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids
    .map(Number)
    .sort((a, b) => a - b)
    .map((pid) => ({ pid, parent: Number(field(pid, 'PPid')) }));
}

function residentBytesOf(pid: number): number {
  return Number(field(pid, 'VmRSS')) * 1024;
}

/** A number of /proc/PID/status; 0 once the process is gone. */
function field(pid: number, name: string): string {
  try {
    return new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '0';
  } catch {
    return '0';
  }
}
