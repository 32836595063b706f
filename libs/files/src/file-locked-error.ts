/** A lock file is held by a process that runs, for longer than anybody should wait. */
export class FileLockedError extends Error {
  readonly code = 'locked';
  readonly retriable = true;

  constructor(
    readonly path: string,
    owner: string,
  ) {
    super(`${path} is held by process ${owner}, which is running. Wait for it, or end it and try again.`);
    this.name = 'FileLockedError';
  }
}
