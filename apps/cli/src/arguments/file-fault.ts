import { existsSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where milepost itself is. */
const workspace = fileURLToPath(new URL('../../../..', import.meta.url));

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
  if (path !== undefined && code === 'ENOENT') {
    const remedy = remedyForOwn(path);
    if (remedy !== undefined) return `${path}: a file of milepost itself is missing (${code}). Put it back with ${remedy} in ${workspace}.`;
  }
  return reason && `${path ?? 'A file could not be written'}: ${reason} (${code}).`;
}

/** What of a package milepost reads as it runs. */
const packageParts = new Set(['bin', 'dist', 'kafka', 'package.json', 'sql', 'src']);

/** What brings back a file of milepost itself; undefined: it is none, though it may lie in the same folders. */
function remedyForOwn(path: string): string | undefined {
  const parts = relative(workspace, path).split(sep);
  const [room, name = '', part = ''] = parts;
  if (room === 'node_modules') return '`npm ci && npm run build`';
  if (room === 'migrations') return /^(meta|\d{4}_.*\.sql)$/.test(name) ? restore(parts) : undefined;
  if ((room !== 'apps' && room !== 'libs') || !packageParts.has(part) || !existsSync(join(workspace, room, name))) return undefined;
  return part === 'dist' ? '`npm ci && npm run build`' : restore(parts);
}

const restore = (parts: readonly string[]): string => `\`git restore ${parts.join('/')}\``;
