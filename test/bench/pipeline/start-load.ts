import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { go, type LoadOrder, type LoadReport, leave } from './load-protocol.js';
import { joined, sharesOf, sum } from './load-shares.js';

/** What a load process says in any case. */
type Reported = { kind: string } | { kind: 'failed'; message: string };

/**
 * Starts as many load processes as the vehicles need, which publish from the moment on in which all are connected; `done` rejects when a vehicle loses
 * its connection. They stay connected until they are told to `leave`, which resolves when they have: what that costs is nothing that was published.
 */
export function startLoad(order: LoadOrder) {
  const loads = sharesOf(order).map((share) => forkLoad<LoadReport>(new URL('./load.js', import.meta.url), share));
  const stop = () => {
    for (const load of loads) load.stop();
  };
  const ofAll = <T>(reports: Promise<T>[]): Promise<T[]> => {
    const all = Promise.all(reports);
    // Those that are left would wait for the one that failed.
    all.catch(stop);
    return all;
  };
  const connected = ofAll(loads.map(({ connected }) => connected)).then(() => {
    for (const load of loads) load.tell(go);
  });
  const warm = ofAll(loads.map(({ heard }) => heard('warm'))).then((reports) => ({ acknowledged: sum(reports, 'acknowledged') }));
  const done = ofAll(loads.map(({ done }) => done)).then(joined);
  for (const phase of [warm, done]) phase.catch(() => undefined);
  return {
    connected,
    warm,
    done,
    stop,
    leave: async () => {
      for (const load of loads) load.tell(leave);
      await Promise.all(loads.map(({ ended }) => ended));
    },
  };
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
      // Behind all that it has said, which an exit is not.
      child.once('disconnect', () => reject(new Error('the load process ended before it was done')));
    });
  const ended = once(child, 'exit');
  const stop = () => void child.kill();
  // One that has ended meanwhile says so itself.
  const tell = (message: string) => void child.send(message, () => undefined);
  const phases = { connected: heard('connected'), done: heard('done'), heard, stop, tell, ended };
  phases.done.catch(() => undefined);
  child.send(order);
  return phases;
}
