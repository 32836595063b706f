/** What no repetition mends: the process says so and ends; nothing was passed over. */
export class AlertsStopped extends Error {
  readonly retriable = false;
  constructor(
    readonly code: 'foreign_cluster' | 'database_refuses',
    message: string,
    cause?: unknown,
  ) {
    super(message, { cause });
    this.name = 'AlertsStopped';
  }
}
