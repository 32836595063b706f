import type { Percentiles } from './load-protocol.js';
import type { MachineTime } from './machine-time.js';
import type { BenchOptions } from './options.js';
import type { ResidentMib } from './resident-memory.js';

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
  /** Not the pipeline's: the load process, and what Postgres spends on the bench's own looks. */
  besideCpuMicrosecondsPerMessage: { load: number; looking: number };
  /** While it was measured: a figure from a machine whose host took much says little beside one from a quiet machine. */
  machineTime: MachineTime;
  processes: { name: string; cpuMicrosecondsPerMessage: number; residentMib: ResidentMib }[];
}

/** The tables as they are printed. */
export function formatResults(results: BenchResults): string {
  const { options, processes } = results;
  const latency = (name: string, p: Percentiles) =>
    `  ${name.padEnd(20)}${[p.p50, p.p95, p.p99, p.max].map((ms) => ms.toFixed(1).padStart(9)).join('')}`;
  const total = processes.reduce((sum, { cpuMicrosecondsPerMessage }) => sum + cpuMicrosecondsPerMessage, 0);
  const sumOf = (mib: (of: ResidentMib) => number) => processes.reduce((sum, { residentMib }) => sum + mib(residentMib), 0);
  const usage = (name: string, cpu: number, mib: number[]) =>
    `  ${name.padEnd(20)}${cpu.toFixed(1).padStart(14)}${mib.map((value) => value.toFixed(0).padStart(8)).join('')}`;
  return [
    '',
    results.machine,
    `${options.vehicles} vehicles${options.brokerProcesses > 1 ? ` at ${options.brokerProcesses} broker processes` : ''}, ${options.inflight} in flight each, ${options.rate === 0 ? 'as fast as acknowledgements come' : `${options.rate} messages/s`}, ${results.payloadBytes} bytes, QoS 1, ${options.seconds} s after ${options.warmUpSeconds} s of warm-up`,
    '',
    `  acknowledged        ${results.acknowledged} (${results.acknowledgedPerSecond.toFixed(0)}/s)`,
    `  rows in Postgres    ${results.rows} (${results.storedPerSecond.toFixed(0)}/s end to end)`,
    `  lost                ${results.lost}`,
    '',
    `  latency, ms                p50      p95      p99      max`,
    latency('publish → PUBACK', results.ackLatencyMs),
    latency('publish → row', results.rowLatencyMs),
    '',
    '  process             CPU us/message   MiB: 0     1/4     1/2     3/4     end    most',
    ...processes.map((p) => usage(p.name, p.cpuMicrosecondsPerMessage, [...p.residentMib.quarters, p.residentMib.peak])),
    usage(
      'all',
      total,
      [0, 1, 2, 3, 4].map((quarter) => sumOf(({ quarters }) => quarters[quarter] ?? 0)).concat(sumOf(({ peak }) => peak)),
    ),
    `  beside it: the load ${results.besideCpuMicrosecondsPerMessage.load.toFixed(1)}, Postgres for the bench's own looks ${results.besideCpuMicrosecondsPerMessage.looking.toFixed(1)} (not in the rows above)`,
    `  the machine meanwhile: ${percent(results.machineTime.used)} of its cores' time in use, ${percent(results.machineTime.stolen)} taken by its host`,
    '',
  ].join('\n');
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
