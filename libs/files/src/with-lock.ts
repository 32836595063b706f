import { createHash, randomUUID } from 'node:crypto';
import { link, open, readFile, rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { FileLockedError } from './file-locked-error.js';
import { processStartTime } from './process-start-time.js';

export const lockLimits = { waitMs: 20_000, retryMs: 20 };

/**
 * Runs `work` while no other process (or call) holds the lock file; it names its owner by process id and start time: in a container the next
 * command has the process id of the one before.
 * The lock of a process that is gone is taken over.
 * @throws FileLockedError after 20 s.
 */
export async function withLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + lockLimits.waitMs;
  while (!(await taken(path))) {
    await removeIfAbandoned(path);
    if (performance.now() > deadline) {
      const owner = await readFile(path, 'utf8').catch(() => 'unknown');
      throw new FileLockedError(path, pidIn(owner));
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
  await file.writeFile(`${process.pid} ${processStartTime(process.pid) ?? ''}`.trimEnd());
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

/**
 * A look and a removal are two steps, and the lock of the next owner may lie between them: the lock of one that is gone is removed by who has the
 * right to remove that very one, and looks again. The right is a lock in its turn, and passes on as any when its owner is gone.
 */
async function removeIfAbandoned(path: string): Promise<void> {
  const owner = await readOwner(path);
  if (owner === undefined || isRunning(owner)) return;
  const right = rightToRemove(path, owner);
  if (!(await taken(right))) return removeIfAbandoned(right);
  try {
    if ((await readOwner(path)) === owner) await rm(path, { force: true });
  } finally {
    await rm(right, { force: true });
  }
}

/** Nobody who is gone writes a lock again: one owner is one lock. */
export const rightToRemove = (path: string, owner: string): string =>
  `${path}.${createHash('sha256').update(owner).digest('hex').slice(0, 16)}`;

async function readOwner(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch(() => undefined);
}

/** A process id alone, as earlier versions wrote it, counts as running while any process has it. */
function isRunning(owner: string): boolean {
  const pid = Number(pidIn(owner));
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  const [written, seen] = [owner.trim().slice(String(pid).length + 1), processStartTime(pid)];
  return written === '' || seen === undefined || written === seen;
}

const pidIn = (owner: string): string => owner.trim().split(' ', 1)[0] ?? '';
