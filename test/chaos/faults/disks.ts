import { setTimeout as delay } from 'node:timers/promises';
import type { Random } from '../../fuzz/random.js';
import type { LimitedDisk } from '../system/limited-disk.js';
import type { System } from '../system/system.js';
import type { Fault } from './fault.js';

const FULL_MS = 10_000;
const REFILL_EVERY_MS = 250;
const FULL_BELOW_MB = 1;

/** Full, and filled again as soon as something is given back. */
async function keepFull(disks: readonly LimitedDisk[]): Promise<void> {
  try {
    for (const until = Date.now() + FULL_MS; Date.now() < until; await delay(REFILL_EVERY_MS)) for (const disk of disks) disk.fill();
    const free = disks.map(({ freeMb }) => freeMb);
    if (free.some((mb) => mb > FULL_BELOW_MB)) throw new Error(`The disk did not become full: ${free.join(', ')} MB are free`);
  } finally {
    for (const disk of disks) disk.relieve();
  }
}

const fullPostgres: Fault = {
  name: 'full-disk-postgres',
  does: 'not a byte more fits on the disk of Postgres for 10 s; it is started again if it gave up',
  targets: ['postgres'],
  needs: 'limited-disks',
  inject: async ({ system }) => {
    await keepFull(system.disks.get('postgres') ?? []);
    await delay(1_000);
    await system.postgres.start();
  },
};

const fullKafka: Fault = {
  name: 'full-disk-kafka',
  does: 'not a byte more fits on the disks of Kafka for 10 s; nodes that gave up are started again',
  targets: ['kafka'],
  needs: 'limited-disks',
  inject: async ({ system }) => {
    const { kafka } = system;
    await keepFull(system.disks.get('kafka') ?? []);
    await delay(1_000);
    // A node whose only disk has failed shuts down, and takes its time over it.
    await kafka.kill(kafka.nodeIds);
    await kafka.start(kafka.nodeIds);
  },
};

const SLOW_MS = 10_000;

async function pulses(random: Random, signal: (name: 'SIGSTOP' | 'SIGCONT') => void): Promise<void> {
  try {
    for (const until = Date.now() + SLOW_MS; Date.now() < until; ) {
      signal('SIGSTOP');
      await delay(100 + random.below(300));
      signal('SIGCONT');
      await delay(50 + random.below(100));
    }
  } finally {
    signal('SIGCONT');
  }
}

const slow = (name: 'postgres' | 'kafka', signalOf: (system: System) => (name: NodeJS.Signals) => void): Fault => ({
  name: `slow-disk-${name}`,
  does: `${name === 'kafka' ? 'Kafka' : 'Postgres'} stands still for 100 to 400 ms again and again for 10 s (SIGSTOP pulses), as on a slow disk`,
  targets: [name],
  inject: ({ system, random }) => pulses(random, signalOf(system)),
});

export const diskFaults: readonly Fault[] = [
  fullPostgres,
  fullKafka,
  slow(
    'postgres',
    ({ postgres }) =>
      (signal) =>
        postgres.signal(signal),
  ),
  slow(
    'kafka',
    ({ kafka }) =>
      (signal) =>
        kafka.signal(kafka.nodeIds, signal),
  ),
];
