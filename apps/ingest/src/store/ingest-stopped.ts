/** Ingest must not go on: the fault is not in a record, so no record may be blamed, and nothing may be passed over. */
export class IngestStopped extends Error {
  readonly retriable = false;

  constructor(
    readonly code: 'database_refuses' | 'foreign_cluster' | 'topics_unknown',
    message: string,
    cause?: unknown,
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'IngestStopped';
  }
}
