import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { LoadOrder, LoadReport } from './load-protocol.js';

/** Starts the load process; `done` rejects when a vehicle loses its connection. */
export function startLoad(order: LoadOrder) {
  const child = fork(fileURLToPath(new URL('./load.js', import.meta.url)), { serialization: 'advanced' });
  const heard = <K extends LoadReport['kind']>(kind: K) =>
    new Promise<Extract<LoadReport, { kind: K }>>((resolve, reject) => {
      child.on('message', (message: LoadReport) => {
        if (message.kind === kind) resolve(message as Extract<LoadReport, { kind: K }>);
        else if (message.kind === 'failed') reject(new Error(message.message));
      });
      child.once('exit', (code) => reject(new Error(`the load process ended with exit code ${code}`)));
    });
  const phases = { connected: heard('connected'), done: heard('done') };
  phases.done.catch(() => undefined);
  child.send(order);
  return phases;
}
