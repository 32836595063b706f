import { type LoadOrder, type LoadReport, type Percentiles, percentiles } from './load-protocol.js';
import { connectionsPerProcess } from './open-files.js';

/** More would have one core of the load's wait for the other. */
const mostVehicles = 10_000;

type Done = Extract<LoadReport, { kind: 'done' }>;

export type LoadResults = Omit<Done, 'kind' | 'ackLatenciesMs'> & { ackLatencyMs: Percentiles };

/** The order of each load process: no more vehicles than a process may have connections, and as much of the rate as they are of the vehicles. */
export function sharesOf(order: LoadOrder, most: number = Math.min(mostVehicles, connectionsPerProcess())): LoadOrder[] {
  const { vehicles, rate } = order;
  const each = Math.ceil(vehicles.length / Math.ceil(vehicles.length / most));
  return Array.from({ length: Math.ceil(vehicles.length / each) }, (_, index) => {
    const share = vehicles.slice(index * each, (index + 1) * each);
    return { ...order, vehicles: share, rate: (rate * share.length) / vehicles.length };
  });
}

/** What all load processes saw, as if they were one: percentiles of all latencies, and not of percentiles. */
export function joined(reports: readonly Done[]): LoadResults {
  const latencies = new Float64Array(reports.reduce((length, { ackLatenciesMs }) => length + ackLatenciesMs.length, 0));
  let at = 0;
  for (const { ackLatenciesMs } of reports) {
    latencies.set(ackLatenciesMs, at);
    at += ackLatenciesMs.length;
  }
  return {
    published: sum(reports, 'published'),
    acknowledged: sum(reports, 'acknowledged'),
    cpuSeconds: sum(reports, 'cpuSeconds'),
    seconds: Math.max(...reports.map(({ seconds }) => seconds)),
    lastAckAt: Math.max(...reports.map(({ lastAckAt }) => lastAckAt)),
    ackLatencyMs: percentiles(latencies),
  };
}

export function sum<K extends string>(reports: readonly Record<K, number>[], field: K): number {
  return reports.reduce((total, report) => total + report[field], 0);
}
