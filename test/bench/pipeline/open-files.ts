import { readFileSync } from 'node:fs';

/** What a process opens beside connections: logs, Kafka, Postgres, its own modules. */
const beside = 500;

/** How many connections a process may have by the limit on open files that it runs under; Node raises its soft limit to the hard one by itself. */
export function connectionsPerProcess(limits: string = readFileSync('/proc/self/limits', 'utf8')): number {
  const [, hard] = /^Max open files\s+\S+\s+(\S+)/m.exec(limits) ?? [];
  return hard === undefined || hard === 'unlimited' ? Number.POSITIVE_INFINITY : Math.max(1, Number(hard) - beside);
}
