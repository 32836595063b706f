/** Exit codes: 0 done, 1 it failed or something is wrong, 2 the command line was wrong. */
export const exitCodes = { done: 0, failed: 1, usage: 2 } as const;

/** Something the person at the keyboard can mend; shown without a stack trace. */
export class CliError extends Error {
  constructor(
    message: string,
    readonly exitCode: number = exitCodes.failed,
    options?: { cause?: unknown },
  ) {
    super(message, options);
    this.name = 'CliError';
  }
}
