import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { allocateWith, choosePort, findJemalloc } from '@milepost/backing-services';
import { FEW_FULL_COLLECTIONS } from '@milepost/runtime';
import { usageOfTree } from '../pipeline/process-usage.js';
import type { BenchPki } from './bench-pki.js';
import { KAFKA_BEHIND } from './kafka-behind.js';
import type { ServerReport } from './servers/serve.js';
import { WRITES_EACH } from './servers/writes-each.js';

export const sideNames = ['bare reader', 'milepost', 'aedes', 'mosquitto'] as const;
/** `plain reader`: as the bare one, with a write for each PUBACK; with more than one publish a read it is another yardstick. */
export type SideName = (typeof sideNames)[number] | 'plain reader' | 'milepost into Kafka';

/** As `npm start` starts it. */
export const milepostAllocator = process.env.BROKER_ALLOCATOR === 'libc' ? undefined : findJemalloc();

export interface ServerUnderTest {
  port: number;
  /** User and system time of the process so far. */
  cpuSeconds(): number;
  /** After a garbage collection, where there is garbage. */
  residentBytes(): Promise<number>;
  stop(): Promise<void>;
}

/** `kafkaBrokers`: of the side that has Kafka behind it. */
export function startServer(side: SideName, pki: BenchPki, kafkaBrokers?: string): Promise<ServerUnderTest> {
  switch (side) {
    case 'bare reader':
      return startNode('bare-reader', pki);
    case 'plain reader':
      return startNode('bare-reader', pki, { environment: { [WRITES_EACH]: 'true' } });
    case 'milepost':
      return startMilepost(pki, {});
    case 'milepost into Kafka':
      if (kafkaBrokers === undefined) throw new Error(`${side} was to be started without a Kafka`);
      return startMilepost(pki, { [KAFKA_BEHIND]: kafkaBrokers });
    case 'aedes':
      return startNode('aedes', pki);
    case 'mosquitto':
      return startMosquitto(pki);
  }
}

function startMilepost(pki: BenchPki, environment: Record<string, string>): Promise<ServerUnderTest> {
  const allocator = milepostAllocator === undefined ? {} : allocateWith(milepostAllocator);
  return startNode('ours', pki, { flags: [FEW_FULL_COLLECTIONS], environment: { ...allocator, ...environment } });
}

interface NodeStart {
  flags?: readonly string[];
  environment?: Record<string, string>;
}

async function startNode(script: string, pki: BenchPki, { flags = [], environment = {} }: NodeStart = {}): Promise<ServerUnderTest> {
  const path = fileURLToPath(new URL(`servers/${script}.js`, import.meta.url));
  const extra = process.env.BENCH_NODE_OPTIONS?.split(' ') ?? [];
  const child = fork(path, [JSON.stringify(pki.files)], {
    execArgv: ['--expose-gc', ...flags, ...extra],
    env: { ...process.env, ...environment },
  });
  const listening = await heard(child, 'listening');
  return {
    ...observed(child),
    port: listening.port,
    residentBytes: async () => {
      child.send('collect');
      await heard(child, 'collected');
      return residentBytes(child);
    },
  };
}

async function startMosquitto(pki: BenchPki): Promise<ServerUnderTest> {
  const port = await choosePort();
  const config = join(mkdtempSync(join(pki.folder, 'mosquitto-')), 'mosquitto.conf');
  writeFileSync(
    config,
    [
      'user root',
      'persistence false',
      'log_type none',
      'allow_anonymous true',
      'set_tcp_nodelay true',
      `listener ${port} 127.0.0.1`,
      `cafile ${pki.files.ca}`,
      `certfile ${pki.files.certificate}`,
      `keyfile ${pki.files.key}`,
      'require_certificate true',
      '',
    ].join('\n'),
  );
  const child = spawn('mosquitto', ['-c', config], { stdio: ['ignore', 'inherit', 'inherit'], env: withSbin() });
  child.once('error', () => undefined);
  for (let attempt = 0; !(await accepts(port)); attempt += 1) {
    if (child.pid === undefined)
      throw new Error('mosquitto is not installed. On Debian: apt-get install mosquitto (its service is not needed)');
    if (attempt === 400 || child.exitCode !== null) throw new Error('mosquitto did not start');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return { ...observed(child), port, residentBytes: () => Promise.resolve(residentBytes(child)) };
}

/** Debian puts it where only root's PATH leads. */
function withSbin(): NodeJS.ProcessEnv {
  return { ...process.env, PATH: `${process.env.PATH ?? ''}:/usr/sbin` };
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('close', () => socket.destroy());
    socket.end();
  });
}

function observed(child: ChildProcess): Pick<ServerUnderTest, 'cpuSeconds' | 'stop'> {
  const exited = once(child, 'exit');
  return {
    cpuSeconds: () => usageOfTree(child.pid as number).cpuSeconds,
    stop: async () => {
      child.kill('SIGTERM');
      await exited;
    },
  };
}

function residentBytes({ pid }: ChildProcess): number {
  const line = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(line?.[1]) * 1024;
}

function heard<K extends ServerReport['kind']>(child: ChildProcess, kind: K): Promise<Extract<ServerReport, { kind: K }>> {
  return new Promise((resolve, reject) => {
    const ended = (code: number | null) => reject(new Error(`a server ended with exit code ${code}`));
    child.once('exit', ended);
    child.once('message', (message: ServerReport) => {
      child.off('exit', ended);
      if (message.kind === kind) resolve(message as Extract<ServerReport, { kind: K }>);
      else reject(new Error(`a server said ${message.kind}, not ${kind}`));
    });
  });
}
