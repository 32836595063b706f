/** Whoever read the output has enough (`| head -1`): the command goes on to its end, and what it says goes nowhere. To be called once, at the start. */
export function outliveReaders(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
    });
  }
}

/** What was asked for, for pipes and files. */
export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** What a person wants to know beside it. */
export function note(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** Columns as wide as their widest cell, two spaces apart. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  // Row by row: a call takes some 120,000 arguments at most, and a backtest may have more alerts.
  const widths = head.map((title, column) => rows.reduce((widest, row) => Math.max(widest, row[column]?.length ?? 0), title.length));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return [head, ...rows].map(line).join('\n');
}
