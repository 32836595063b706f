import cluster, { type Worker } from 'node:cluster';
import type { ChildProcess } from './process-group.js';

/** What a process tells the one that started it, and is told by it. */
const READY = 'milepost-ready';
const STOP = 'milepost-stop';

/**
 * Starts this program once more. Its listeners share their ports with those of its sisters: the first process accepts, and hands each
 * connection to the next one in turn (node:cluster).
 */
export function forkProcess(environment: Readonly<Record<string, string>>): ChildProcess {
  const worker: Worker = cluster.fork(environment);
  let hasStarted = true;
  // A channel that breaks is the process's end, and that is told by `exit`; of one that the system did not start only by this.
  worker.on('error', () => {
    if (worker.process.pid !== undefined || !hasStarted) return;
    hasStarted = false;
    worker.emit('exit', null, null);
  });
  return {
    pid: worker.process.pid,
    // Not a signal: from a terminal it has had one already, and a second one would end it at once.
    stop: () => {
      if (worker.isConnected()) worker.send(STOP);
      else worker.process.kill('SIGTERM');
    },
    kill: () => void worker.process.kill('SIGKILL'),
    on: (event: 'ready' | 'exit', listener: (code: number | null, signal: string | null) => void) => {
      if (event === 'exit') worker.on('exit', listener);
      else
        worker.on('message', (message: unknown) => {
          if (message === READY) listener(null, null);
        });
    },
  };
}

/** The other end of `forkProcess`. */
export const startingProcess = {
  ready: (): void => {
    process.send?.(READY);
  },
  onStop: (stop: () => void): void => {
    process.on('message', (message: unknown) => {
      if (message === STOP) stop();
    });
  },
};
