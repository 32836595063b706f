import { mkdir, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

/**
 * Makes a folder and those above it that are not there; one that is there stays as it is. Node's recursive mkdir never comes back where a file
 * system says ENOENT to whoever wants to make something in it, as /proc does.
 */
export async function makeFolder(path: string, mode = 0o777): Promise<void> {
  const folder = resolve(path);
  const found = await lookAt(folder);
  if (found === 'folder') return;
  // Behind a file mkdir itself says what is wrong.
  if (found === undefined && (await lookAt(dirname(folder))) === undefined) await makeFolder(dirname(folder), mode);
  await mkdir(folder, { mode }).catch(async (error: NodeJS.ErrnoException) => {
    // Somebody else was as fast.
    if (error.code !== 'EEXIST' || (await lookAt(folder)) !== 'folder') throw error;
  });
}

const lookAt = (path: string): Promise<'folder' | 'file' | undefined> =>
  stat(path).then(
    (found) => (found.isDirectory() ? 'folder' : 'file'),
    () => undefined,
  );
