/** The app must not go on: the fault is in no record, so none may be blamed and nothing passed over, and no repetition mends it. */
export class AppStopped extends Error {
  readonly retriable = false;

  constructor(
    readonly code: 'database_refuses' | 'foreign_cluster' | 'topics_unknown',
    message: string,
    cause?: unknown,
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'AppStopped';
  }
}

/** An error that stands in no record: what happened, and that nothing was passed over. One that has stopped the app already stays what it is. */
export function stopped(app: 'alerts' | 'ingest', doing: string, error: unknown): AppStopped {
  if (error instanceof AppStopped) return error;
  const { code, message } = error as { code?: string; message?: string };
  const state = code === undefined ? '' : ` (SQLSTATE ${code})`;
  return new AppStopped(
    'database_refuses',
    `Postgres refused ${doing}: ${message ?? String(error)}${state}. The reason is not in a record, so none was passed over: mend the schema or the rights (has "npx milepost migrate" run?) and start ${app} again; it goes on where it stood.`,
    error,
  );
}
