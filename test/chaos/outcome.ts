import type { Audit } from './ledger/audit.js';
import type { ChaosOptions } from './options.js';

/** One fault, from its first blow until everything flows again. */
export interface Window {
  fault: string;
  number: number;
  /** Nothing else was going on. */
  alone: boolean;
  from: number;
  to: number;
  acknowledged: number;
  longestStallMs: number;
  /** From the end of the cause until acknowledgements and rows flow again; undefined: they did not. */
  recoveryMs?: number;
  /** Why it could not be injected. */
  failure?: string;
}

export interface Outcome {
  options: ChaosOptions;
  machine: string;
  startedAt: string;
  /** Of load. */
  seconds: number;
  quietSeconds: number;
  /** Acknowledged; one may carry several items. */
  messages: number;
  windows: Window[];
  /** Kinds that cannot be injected here at all, and why. */
  impossible: { fault: string; reason: string }[];
  audit: Audit;
  /** What else is wrong, in sentences. */
  complaints: string[];
  /** Apps that ended without being killed, and what they said last each time. */
  deaths: { label: string; deaths: string[] }[];
}

/** Everything that makes the run fail, a sentence each. */
export function violationsOf({ audit, windows, impossible, complaints }: Outcome): string[] {
  const laws: [keyof Audit, string][] = [
    ['unacknowledged', 'never acknowledged, though all was well at the end'],
    ['lost', 'acknowledged, and neither stored nor a dead letter'],
    ['storedTwice', 'stored twice'],
    ['invented', 'stored and never sent like that'],
    ['wrongLatest', 'latest positions that are not the newest valid fix'],
    ['outOfOrder', 'first copies out of order'],
    ['rewound', 'stored positions that went back'],
    ['falseAlerts', 'false alerts'],
    ['missedAlerts', 'missed alerts'],
    ['untold', 'events of alerts that did not come, or out of order'],
  ];
  const broken = laws.flatMap(([name, what]) => {
    const findings = audit[name];
    if (typeof findings === 'number' || findings.length === 0) return [];
    const shown = findings.slice(0, 8).map((finding) => `      ${finding.what}`);
    return [`${findings.length} ${what}:\n${shown.join('\n')}${findings.length > shown.length ? '\n      …' : ''}`];
  });
  return [
    ...audit.overloaded.map(({ what }) => `cannot judge, the machine is overloaded: ${what}`),
    ...broken,
    ...windows.flatMap(({ fault, number, failure }) => (failure === undefined ? [] : [`${fault} (${number}): ${failure}`])),
    ...windows.flatMap(({ fault, number, recoveryMs, failure }) =>
      recoveryMs === undefined && failure === undefined ? [`${fault} (${number}): nothing flowed again`] : [],
    ),
    ...(audit.absences === 0 ? ['no vehicle was away for long enough to ask for an alert: that none was missed means nothing'] : []),
    ...impossible.map(({ fault, reason }) => `${fault} cannot be injected here: ${reason}`),
    ...complaints,
  ];
}
