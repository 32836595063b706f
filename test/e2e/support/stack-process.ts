import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { processStartTime } from '@milepost/backing-services';
import { type StackFile, StackFileSchema } from '@milepost/contracts';
import { eventually, recordProcess, testServices } from '@milepost/test-support';
import { Value } from 'typebox/value';

const main = fileURLToPath(new URL('../../../apps/stack/dist/main.js', import.meta.url));
const READY_TIMEOUT_MS = 90_000;

export interface StackOptions {
  dataDir: string;
  mqttPort: number;
  httpPort: number;
  arguments?: readonly string[];
}

/** `npm start` after the build: the stack with nothing given, as in a fresh clone. */
export class StackProcess {
  readonly dataDir: string;
  readonly #child: ChildProcess;
  readonly #recorded = new Set<number>();
  readonly #exited: Promise<number | null>;
  /** What it said, on both streams. */
  output = '';

  constructor({ dataDir, mqttPort, httpPort, arguments: args = [] }: StackOptions) {
    this.dataDir = dataDir;
    const { PATH, HOME, JAVA_HOME, XDG_CACHE_HOME } = process.env;
    const ports = { MQTT_TLS_PORT: String(mqttPort), HTTP_PORT: String(httpPort), MQTT_OPERATOR_TLS_PORT: '0', MQTT_WS_PORT: '0' };
    this.#child = spawn(process.execPath, [main, ...args], {
      env: { PATH, HOME, JAVA_HOME, XDG_CACHE_HOME, MILEPOST_DATA_DIR: dataDir, ...ports },
      cwd: testServices().runDir,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.output += text;
      });
    }
    this.#exited = new Promise((resolve) => this.#child.once('close', resolve));
  }

  /** @throws with what it said when it ends first. */
  async ready(): Promise<StackFile> {
    await eventually(
      () => {
        this.#recordProcesses();
        if (!this.#hasEnded && !this.output.includes('milepost is up')) throw new Error(`The stack is not up. It said:\n${this.output}`);
      },
      { timeoutMs: READY_TIMEOUT_MS, everyMs: 100 },
    );
    if (this.#hasEnded) throw new Error(`The stack ended with ${this.#child.exitCode}. It said:\n${this.output}`);
    return this.file;
  }

  get file(): StackFile {
    return Value.Parse(StackFileSchema, JSON.parse(readFileSync(join(this.dataDir, 'stack.json'), 'utf8')));
  }

  /** Everything that it has started and is alive, by name: apps, Kafka, Postgres. */
  get processes(): Map<string, number> {
    const file = join(this.dataDir, 'running.json');
    if (!existsSync(file)) return new Map();
    const { processes } = JSON.parse(readFileSync(file, 'utf8')) as { processes: { name: string; pid: number; startedAt: string }[] };
    return new Map(processes.filter(({ pid, startedAt }) => processStartTime(pid) === startedAt).map(({ name, pid }) => [name, pid]));
  }

  /** The exit code. */
  exited(): Promise<number | null> {
    return this.#exited;
  }

  async end(signal: NodeJS.Signals): Promise<number | null> {
    this.#child.kill(signal);
    return this.#exited;
  }

  /** For a test that failed on its way: nothing may stay behind. */
  async destroy(): Promise<void> {
    if (!this.#hasEnded) await this.end('SIGKILL');
    if (this.output.includes('Kafka: starting')) for (const pid of this.processes.values()) process.kill(pid, 'SIGKILL');
  }

  /** A test run that is killed cannot stop the stack: the next one ends all of its processes. */
  #recordProcesses(): void {
    for (const pid of [this.#child.pid ?? 0, ...this.processes.values()]) {
      if (this.#recorded.has(pid)) continue;
      this.#recorded.add(pid);
      recordProcess(testServices().runDir, pid);
    }
  }

  get #hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }
}
