/** What one target's run came to. */
export interface Report {
  readonly target: string;
  readonly rows: readonly (readonly [what: string, count: number])[];
  /** Empty: nothing was found. */
  readonly failures: readonly string[];
}

export function printed({ target, rows, failures }: Report): string {
  const width = Math.max(...rows.map(([what]) => what.length));
  const lines = rows.map(([what, count]) => `  ${what.padEnd(width)}  ${count.toLocaleString('en-US').padStart(15)}`);
  const verdict = failures.length === 0 ? ['  nothing found'] : failures.map((failure) => `  FOUND: ${failure}`);
  return [`${target}:`, ...lines, ...verdict, ''].join('\n');
}
