import { randomUUID } from 'node:crypto';
import { link, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { FileLockedError } from './file-locked-error.js';

export const lockLimits = { waitMs: 20_000, retryMs: 20 };

/**
 * Runs `work` while no other process (or call) holds the lock file; it holds its owner's process id.
 * The lock of a process that is gone is taken over.
 * @throws FileLockedError after 20 s.
 */
export async function withLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + lockLimits.waitMs;
  while (!(await taken(path))) {
    await removeIfAbandoned(path);
    if (Date.now() > deadline) {
      const owner = await readFile(path, 'utf8').catch(() => 'unknown');
      throw new FileLockedError(path, owner.trim());
    }
    await sleep(lockLimits.retryMs * (0.5 + Math.random()));
  }
  try {
    return await work();
  } finally {
    await rm(path, { force: true });
  }
}

/** The file appears with its content (link), so that nobody reads an owner that is not written yet. */
async function taken(path: string): Promise<boolean> {
  const own = `${path}.${randomUUID()}`;
  const file = await open(own, 'wx');
  await file.writeFile(String(process.pid));
  await file.close();
  try {
    await link(own, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(own, { force: true });
  }
}

async function removeIfAbandoned(path: string): Promise<void> {
  const [content, seen] = await Promise.all([readFile(path, 'utf8'), stat(path)]).catch(() => [undefined, undefined]);
  if (content === undefined || seen === undefined || isRunning(Number(content))) return;
  const aside = `${path}.${randomUUID()}`;
  await rename(path, aside).catch(() => undefined);
  const moved = await stat(aside).catch(() => undefined);
  // Somebody else took the abandoned lock between our look and our rename: give theirs back.
  if (moved && moved.ino !== seen.ino) await link(aside, path).catch(() => undefined);
  await rm(aside, { force: true });
}

function isRunning(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
