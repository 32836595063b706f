import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { LoadOrder, LoadReport } from './load-protocol.js';

/** What a load process says in any case. */
type Reported = { kind: string } | { kind: 'failed'; message: string };

/** Starts the load process; `done` rejects when a vehicle loses its connection. */
export function startLoad(order: LoadOrder) {
  const { heard, ...phases } = forkLoad<LoadReport>(new URL('./load.js', import.meta.url), order);
  return { ...phases, warm: heard('warm') };
}

/** Starts a load process of that script, and gives it its order. Both phases reject when it says that it failed, or ends; `stop` ends it at once. */
export function forkLoad<Report extends Reported>(script: URL, order: object) {
  const child = fork(fileURLToPath(script), { serialization: 'advanced' });
  const heard = <K extends Report['kind']>(kind: K) =>
    new Promise<Extract<Report, { kind: K }>>((resolve, reject) => {
      child.on('message', (message: Report) => {
        if (message.kind === kind) resolve(message as Extract<Report, { kind: K }>);
        else if (message.kind === 'failed' && 'message' in message) reject(new Error(message.message));
      });
      child.once('exit', (code) => reject(new Error(`the load process ended with exit code ${code}`)));
    });
  const stop = () => void child.kill();
  const phases = { connected: heard('connected'), done: heard('done'), heard, stop };
  phases.done.catch(() => undefined);
  child.send(order);
  return phases;
}
