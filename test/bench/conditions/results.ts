import type { ConditionsBenchOptions } from './options.js';

/** Of one kind: ms from what made it due until the API showed the alert. */
export interface KindResult {
  kind: string;
  /** From where on it was measured. */
  from: string;
  ms: number[];
}

export interface ConditionsBenchResults {
  machine: string;
  /** Load average of one minute: whether the machine was quiet. */
  load: { before: number; after: number };
  options: ConditionsBenchOptions;
  /** Fixes of other vehicles. */
  sentBeside: number;
  aimMs: number;
  kinds: KindResult[];
}

/** Half of the samples are no larger; of an even number the lower middle one. NaN of none. */
export function medianOf(samples: readonly number[]): number {
  const sorted = samples.toSorted((a, b) => a - b);
  return sorted[(sorted.length - 1) >> 1] ?? Number.NaN;
}

/** Kinds of which one alert came later than the aim. */
export function beyondAim({ kinds, aimMs }: Pick<ConditionsBenchResults, 'kinds' | 'aimMs'>): string[] {
  return kinds.filter(({ ms }) => Math.max(...ms) > aimMs).map(({ kind }) => kind);
}

/** The table as it is printed. */
export function formatResults(results: ConditionsBenchResults): string {
  const { machine, load, options, sentBeside, aimMs, kinds } = results;
  const ms = (value: number) => value.toFixed(0).padStart(8);
  const late = beyondAim(results);
  return [
    '',
    machine,
    `${options.rounds} rounds behind one that is not measured, ${options.rate} fixes/s of others meanwhile (${sentBeside} in all); load average ${load.before.toFixed(1)} before, ${load.after.toFixed(1)} after`,
    '',
    `  ${'ms until GET /v1/alerts shows the alert'.padEnd(46)}${'from'.padEnd(36)}${'p50'.padStart(8)}${'max'.padStart(8)}`,
    ...kinds.map(
      ({ kind, from, ms: samples }) => `  ${kind.padEnd(46)}${from.padEnd(36)}${ms(medianOf(samples))}${ms(Math.max(...samples))}`,
    ),
    '',
    late.length === 0 ? `  Each within the aim of ${aimMs} ms.` : `  Later than the aim of ${aimMs} ms: ${late.join(', ')}.`,
    '',
  ].join('\n');
}
