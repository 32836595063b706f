import type { Finding } from './ledger/finding.js';
import { type Outcome, violationsOf, type Window } from './outcome.js';

const seconds = (ms: number | undefined) => (ms === undefined ? '–' : `${(ms / 1_000).toFixed(1)} s`);
const median = (values: number[]) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];

/** The tables as they are printed. */
export function report(outcome: Outcome): string {
  const { options, audit, windows, deaths } = outcome;
  const violations = violationsOf(outcome);
  return [
    '',
    `seed ${options.seed}, ${outcome.machine}, ${outcome.startedAt}`,
    `${options.vehicles} vehicles, ${options.kafkaNodes} Kafka node${options.kafkaNodes === 1 ? '' : 's'}, ${(outcome.seconds / 60).toFixed(1)} minutes, of them ${(outcome.quietSeconds / 60).toFixed(1)} quiet`,
    `${outcome.messages} messages acknowledged (${(outcome.messages / outcome.seconds).toFixed(0)}/s), ${audit.acknowledged} of ${audit.sent} items; ${audit.stored} rows, ${audit.letters} dead letters, ${audit.alerts} alerts`,
    `the ledger or its network stood still for ${seconds(audit.ownStallMs)} in all, ${seconds(audit.longestOwnStallMs)} at the longest, by which the stalls and recoveries below may be off`,
    ...(deaths.length > 0
      ? [
          'ended by themselves and started again:',
          ...deaths.flatMap(({ label, deaths: lastWords }) => lastWords.map((words) => `  ${label}: ${words}`)),
        ]
      : []),
    '',
    ...table(outcome),
    '',
    violations.length === 0 ? 'Nothing was lost, doubled or told wrong.' : `FAILED:\n${violations.map((line) => `  - ${line}`).join('\n')}`,
    ...(violations.length === 0 || windows.length === 0 ? [] : [`Again: npm run chaos -- --seed ${options.seed}`]),
    '',
  ].join('\n');
}

function table({ windows, audit, impossible }: Outcome): string[] {
  const kinds = [...new Set([...windows.map(({ fault }) => fault), ...impossible.map(({ fault }) => fault)])].sort();
  const width = Math.max(5, ...kinds.map(({ length }) => length));
  const row = (name: string, cells: string[]) => `  ${name.padEnd(width)}${cells.map((cell) => cell.padStart(14)).join('')}`;
  const header = row('fault', ['injected', 'acknowledged', 'lost', 'doubled', 'longest stall', 'recovery', 'longest']);
  const within = (findings: readonly Finding[], of: readonly Window[]) =>
    findings.filter(({ at }) => at !== undefined && of.some(({ from, to }) => at >= from && at <= to)).length;
  return [
    header,
    ...kinds.map((fault) => {
      const of = windows.filter((window) => window.fault === fault);
      const recoveries = of.flatMap(({ recoveryMs }) => (recoveryMs === undefined ? [] : [recoveryMs]));
      return row(fault, [
        String(of.filter(({ failure }) => failure === undefined).length),
        String(of.reduce((sum, { acknowledged }) => sum + acknowledged, 0)),
        String(within(audit.lost, of)),
        String(within(audit.storedTwice, of)),
        seconds(Math.max(0, ...of.map(({ longestStallMs }) => longestStallMs))),
        seconds(median(recoveries)),
        seconds(recoveries.length === 0 ? undefined : Math.max(...recoveries)),
      ]);
    }),
  ];
}
