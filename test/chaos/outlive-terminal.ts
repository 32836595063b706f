/** Whoever read our lines may have gone, with the terminal or without: that is no reason to leave processes behind. */
export function outliveTerminal(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
}
