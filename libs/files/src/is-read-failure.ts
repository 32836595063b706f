/**
 * Whether the file system itself failed (too many open files, an error of the disk, no permission): the same file may be readable a moment
 * later with the same fingerprint. A file that is not there has another fingerprint once it is, so that one is not meant.
 */
export function isReadFailure(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { syscall, code, cause } = error as NodeJS.ErrnoException;
  return syscall === undefined ? isReadFailure(cause) : code !== 'ENOENT';
}
