import type { Percentiles } from '../load-protocol.js';
import type { BenchOptions } from '../options.js';
import type { FaultOutcome } from './faults.js';

export interface SideResults {
  name: string;
  description: string;
  acknowledged: number;
  acknowledgedPerSecond: number;
  storedPerSecond: number;
  /** Acknowledged and not in Postgres, without any fault. */
  lost: number;
  ackLatencyMs: Percentiles;
  rowLatencyMs: Percentiles;
  processes: { name: string; cpuMicrosecondsPerMessage: number }[];
  faults: FaultOutcome[];
}

export interface Comparison {
  machine: string;
  /** Of the last minute, before the run: what else the machine did. */
  loadBefore: number;
  options: BenchOptions;
  sides: SideResults[];
}

const labelWidth = 34;
const columnWidth = 26;

/** The tables as they are printed, a column a side. */
export function formatComparison({ machine, loadBefore, options, sides }: Comparison): string {
  const row = (label: string, value: (side: SideResults) => string) =>
    `  ${label.padEnd(labelWidth)}${sides.map((side) => value(side).padStart(columnWidth)).join('')}`;
  const processes = sides.map((side) => side.processes);
  const longest = Math.max(...processes.map(({ length }) => length));
  const faults = Math.max(...sides.map((side) => side.faults.length));
  return [
    '',
    `${machine}; load of the machine before the run ${loadBefore.toFixed(1)}`,
    `${options.vehicles} vehicles, ${options.inflight} in flight each, ${options.rate === 0 ? 'as fast as acknowledgements come' : `${options.rate} messages/s`}, QoS 1, ${options.seconds} s after ${options.warmUpSeconds} s of warm-up`,
    ...sides.map(({ name, description }) => `${name}: ${description}`),
    '',
    row('', ({ name }) => name),
    row('acknowledged', ({ acknowledged }) => String(acknowledged)),
    row('acknowledged a second', ({ acknowledgedPerSecond }) => acknowledgedPerSecond.toFixed(0)),
    row('stored a second, end to end', ({ storedPerSecond }) => storedPerSecond.toFixed(0)),
    row('lost, without any fault', ({ lost }) => String(lost)),
    row('publish → PUBACK, ms p50 / p99', ({ ackLatencyMs }) => pair(ackLatencyMs)),
    row('publish → row, ms p50 / p99', ({ rowLatencyMs }) => pair(rowLatencyMs)),
    '',
    '  CPU µs a message',
    ...Array.from({ length: longest }, (_, index) =>
      row('', ({ processes: [...all] }) => {
        const one = all[index];
        return one === undefined ? '' : `${one.name} ${one.cpuMicrosecondsPerMessage.toFixed(1)}`;
      }),
    ),
    row('', ({ processes: all }) => `all ${all.reduce((sum, one) => sum + one.cpuMicrosecondsPerMessage, 0).toFixed(1)}`),
    '',
    '  lost of acknowledged, under a fault',
    ...Array.from({ length: faults }, (_, index) =>
      row('', ({ faults: all }) => {
        const one = all[index];
        return one === undefined ? '' : `${one.fault}:`;
      }),
    ).flatMap((names, index) => [
      names,
      row('', ({ faults: all }) => {
        const one = all[index];
        return one === undefined ? '' : `${one.lost} of ${one.acknowledged}`;
      }),
    ]),
    '',
  ].join('\n');
}

function pair({ p50, p99 }: Percentiles): string {
  return `${p50.toFixed(1)} / ${p99.toFixed(1)}`;
}
