import { stat } from 'node:fs/promises';

/**
 * Changes whenever one of the files does, or who may read it (ctime); a file that is not there counts as a state of its own.
 */
export async function fileFingerprint(files: readonly string[]): Promise<string> {
  const marks = await Promise.all(
    files.map(async (file) => {
      const found = await stat(file, { bigint: true }).catch(() => undefined);
      return found ? `${found.ino}:${found.size}:${found.mtimeNs}:${found.ctimeNs}` : 'absent';
    }),
  );
  return marks.join('|');
}
