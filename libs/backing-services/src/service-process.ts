import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, renameSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

export interface ServiceCommand {
  name: 'kafka' | 'postgres';
  command: string;
  args: string[];
  /** Takes everything that the process prints; the file of the start before is kept beside it as `….previous`. */
  logFile: string;
  environment: NodeJS.ProcessEnv;
  user?: { uid: number; gid: number };
  /** What makes it stop in order. */
  stopSignal: NodeJS.Signals;
}

export interface ServiceProcess {
  readonly name: string;
  readonly pid: number;
  /** How it ended, once it has. */
  readonly ended: string | undefined;
  /** Calls back with how it ended, unless `stop` was called before. */
  onEndedByItself(tell: (how: string) => void): void;
  /** The stop signal, then SIGKILL when the time is over. */
  stop(timeoutMs: number): Promise<void>;
  lastLines(): string;
}

const SHOWN_LINES = 12;

/**
 * Starts a service in a process group of its own: Ctrl-C in the terminal reaches the apps, which drain into the service before it is stopped.
 * Its output goes to a file, so that it outlives a parent that was killed.
 */
export async function startServiceProcess(service: ServiceCommand): Promise<ServiceProcess> {
  const child = await spawned(service);
  const pid = child.pid as number;
  let ended: string | undefined;
  let isToEnd = false;
  const exit = new Promise<string>((resolve) => {
    child.once('exit', (code, signal) => {
      ended = signal === null ? `exit code ${code}` : `signal ${signal}`;
      process.off('exit', onParentExit);
      resolve(ended);
    });
  });
  const onParentExit = () => child.kill(service.stopSignal);
  process.once('exit', onParentExit);

  return {
    name: service.name,
    pid,
    get ended() {
      return ended;
    },
    onEndedByItself: (tell) => {
      void exit.then((how) => {
        if (!isToEnd) tell(how);
      });
    },
    stop: async (timeoutMs) => {
      isToEnd = true;
      if (ended !== undefined) return;
      child.kill(service.stopSignal);
      const abort = new AbortController();
      const timer = delay(timeoutMs, undefined, { signal: abort.signal }).then(
        () => child.kill('SIGKILL'),
        () => false,
      );
      await exit;
      abort.abort();
      await timer;
    },
    lastLines: () => lastLines(service.logFile),
  };
}

/** What follows the start of a process. Nobody else knows of it yet: when this fails, it is stopped, and does not keep us alive for good. */
export async function orStopped<T>(stop: () => Promise<void>, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    await stop();
    throw error;
  }
}

function spawned({ command, args, logFile, environment, user }: ServiceCommand): Promise<ChildProcess> {
  mkdirSync(dirname(logFile), { recursive: true });
  try {
    renameSync(logFile, `${logFile}.previous`);
  } catch {
    // The first start has no file before it.
  }
  const log = openSync(logFile, 'a', 0o600);
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { detached: true, stdio: ['ignore', log, log], env: environment, ...user });
    child.once('error', reject);
    child.once('spawn', () => resolve(child));
  }).finally(() => closeSync(log)) as Promise<ChildProcess>;
}

function lastLines(file: string): string {
  try {
    return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-SHOWN_LINES).join('\n');
  } catch {
    return '';
  }
}
