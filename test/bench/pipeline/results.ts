import type { Percentiles } from './load-protocol.js';
import type { BenchOptions } from './options.js';

export interface BenchResults {
  machine: string;
  options: BenchOptions;
  payloadBytes: number;
  published: number;
  acknowledged: number;
  probes: number;
  rows: number;
  /** Acknowledged and not in Postgres. */
  lost: number;
  acknowledgedPerSecond: number;
  /** From the first publish until the last row could be seen. */
  storedPerSecond: number;
  ackLatencyMs: Percentiles;
  rowLatencyMs: Percentiles;
  /** Resident memory when measuring began, at most, and at the end; looked at every ten seconds. */
  processes: { name: string; cpuMicrosecondsPerMessage: number; residentMib: { begin: number; peak: number; end: number } }[];
}

/** The tables as they are printed. */
export function formatResults(results: BenchResults): string {
  const { options, processes } = results;
  const latency = (name: string, p: Percentiles) =>
    `  ${name.padEnd(20)}${[p.p50, p.p95, p.p99, p.max].map((ms) => ms.toFixed(1).padStart(9)).join('')}`;
  const total = processes.reduce((sum, { cpuMicrosecondsPerMessage }) => sum + cpuMicrosecondsPerMessage, 0);
  const sumOf = (when: 'begin' | 'peak' | 'end') => processes.reduce((sum, { residentMib }) => sum + residentMib[when], 0);
  const usage = (name: string, cpu: number, { begin, peak, end }: BenchResults['processes'][number]['residentMib']) =>
    `  ${name.padEnd(20)}${cpu.toFixed(1).padStart(14)}${[begin, peak, end].map((mib) => mib.toFixed(0).padStart(10)).join('')}`;
  return [
    '',
    results.machine,
    `${options.vehicles} vehicles, ${options.inflight} in flight each, ${options.rate === 0 ? 'as fast as acknowledgements come' : `${options.rate} messages/s`}, ${results.payloadBytes} bytes, QoS 1, ${options.seconds} s after ${options.warmUpSeconds} s of warm-up`,
    '',
    `  acknowledged        ${results.acknowledged} (${results.acknowledgedPerSecond.toFixed(0)}/s)`,
    `  rows in Postgres    ${results.rows} (${results.storedPerSecond.toFixed(0)}/s end to end)`,
    `  lost                ${results.lost}`,
    '',
    `  latency, ms                p50      p95      p99      max`,
    latency('publish → PUBACK', results.ackLatencyMs),
    latency('publish → row', results.rowLatencyMs),
    '',
    '  process             CPU us/message   MiB begin   peak       end',
    ...processes.map((p) => usage(p.name, p.cpuMicrosecondsPerMessage, p.residentMib)),
    usage('all', total, { begin: sumOf('begin'), peak: sumOf('peak'), end: sumOf('end') }),
    '',
  ].join('\n');
}
