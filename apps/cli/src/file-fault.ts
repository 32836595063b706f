/** Node does not name the file: it says so of a write to one that is open. */
const fullDisk: Readonly<Record<string, string>> = {
  ENOSPC: 'its disk is full',
  EDQUOT: 'your quota on its disk is used up',
};

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'you may not write or read it; check who owns it',
  EPERM: 'you may not write or read it; check who owns it',
  EROFS: 'it is on a file system that can only be read',
  ...fullDisk,
  ENOTDIR: 'what should be a folder on its path is a file',
  EEXIST: 'something of that name is in its place',
  EISDIR: 'it is a folder, not a file',
  // What a recursive mkdir says of a file system that can only be read as well.
  ENOENT: 'it is not there, or cannot be made there',
};

/** What is wrong with a file or folder, when that is what the error says: for somebody who can mend it. Undefined for any other error. */
export function fileFault(error: unknown): string | undefined {
  const { code, path } = error as NodeJS.ErrnoException;
  if (code === undefined) return undefined;
  const reason = path === undefined ? fullDisk[code] : reasons[code];
  return reason && `${path ?? 'A file could not be written'}: ${reason} (${code}).`;
}
