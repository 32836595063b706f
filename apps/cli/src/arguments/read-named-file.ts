import { readFile } from 'node:fs/promises';
import { CliError, exitCodes } from '../cli-error.js';

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file; check the path',
  EACCES: 'you may not read it; run as its owner, or let yourself in with chmod',
  EISDIR: 'it is a folder; name the file in it',
};

/** @param what the option or the thing that the file is, as the person at the keyboard calls it. @throws CliError that names it, the file and why. */
export async function readNamedFile(what: string, file: string): Promise<Buffer> {
  return readFile(file).catch((cause: unknown) => {
    throw new CliError(`${what}: ${file} cannot be read: ${reasonOf(cause)}.`, exitCodes.failed, { cause });
  });
}

function reasonOf(cause: unknown): string {
  const { code } = cause as NodeJS.ErrnoException;
  return (code !== undefined && reasons[code]) || (cause instanceof Error ? cause.message : String(cause));
}
