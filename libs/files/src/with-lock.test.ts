import fs, { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { processStartTime } from './process-start-time.js';
import { lockLimits, rightToRemove, withLock } from './with-lock.js';

const usual = { ...lockLimits };
/** No process has it: above the highest that Linux gives. */
const NOBODY = 2 ** 22 + 1;
const ourselves = `${process.pid} ${processStartTime(process.pid)}`;
let folder: string;
let lock: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'milepost-lock-'));
  lock = join(folder, '.lock');
});
afterEach(async () => {
  Object.assign(lockLimits, usual);
  vi.restoreAllMocks();
  syncBuiltinESMExports();
  await rm(folder, { recursive: true });
});

/** Of a lock that nobody gives back. Whoever is to get it waits as long as ever: a busy disk takes this long for a few steps. */
const waitInVain = () => {
  lockLimits.waitMs = 300;
};

const locked = { code: 'locked', message: expect.stringContaining(`process ${process.pid},`) };

describe('withLock', () => {
  it('lets one work at a time, and leaves nothing behind', async () => {
    let working = 0;
    let most = 0;
    const work = async () => {
      working += 1;
      most = Math.max(most, working);
      await new Promise((resolve) => setTimeout(resolve, 5));
      working -= 1;
    };
    await Promise.all([1, 2, 3, 4].map(() => withLock(lock, work)));
    expect(most).toBe(1);
    expect(await readdir(folder)).toEqual([]);
  });

  it.each([
    ['is gone', `${NOBODY} 1`],
    ['is gone, and wrote no start time', String(NOBODY)],
    // A command in a container is process 1, as the one that was killed in it.
    ['is gone, and whose process id another has now', `${process.pid} 1`],
  ])('takes over the lock of a process that %s', async (_, owner) => {
    await writeFile(lock, owner);
    expect(await withLock(lock, () => readFile(lock, 'utf8'))).toBe(ourselves);
  });

  it.each([ourselves, String(process.pid)])('leaves %j, the lock of a process that runs, to it', async (owner) => {
    waitInVain();
    await writeFile(lock, owner);
    await expect(withLock(lock, async () => undefined)).rejects.toMatchObject(locked);
    expect(await readFile(lock, 'utf8')).toBe(owner);
  });

  it('waits no shorter because the clock of the machine is set forward', async () => {
    await writeFile(lock, ourselves);
    const realNow = Date.now;
    let asked = 0;
    vi.spyOn(Date, 'now').mockImplementation(() => realNow() + 3_600_000 * asked++);
    const freed = new Promise((resolve) => setTimeout(resolve, 100)).then(() => rm(lock));
    expect(await withLock(lock, async () => 'done')).toBe('done');
    await freed;
  });

  it('leaves alone a lock that somebody took in the moment in which the abandoned one was to be removed', async () => {
    waitInVain();
    await writeFile(lock, String(NOBODY));
    const { link } = fs;
    // The first one tries the lock itself; the second is for the right to remove it.
    vi.spyOn(fs, 'link')
      .mockImplementationOnce(link)
      .mockImplementationOnce(async (from, to) => {
        await writeFile(lock, ourselves);
        await link(from, to);
      });
    syncBuiltinESMExports();
    await expect(withLock(lock, async () => undefined)).rejects.toMatchObject(locked);
    expect(await readFile(lock, 'utf8')).toBe(ourselves);
    expect(await readdir(folder)).toEqual(['.lock']);
  });

  it('takes over, too, what was left by a process that died while it removed the lock of one that is gone', async () => {
    const removers = [1, 2].map((n) => `${NOBODY} ${n}`);
    let path = lock;
    for (const owner of [`${NOBODY} 0`, ...removers]) {
      await writeFile(path, owner);
      path = rightToRemove(path, owner);
    }
    expect(await withLock(lock, () => readFile(lock, 'utf8'))).toBe(ourselves);
    expect(await readdir(folder)).toEqual([]);
  });

  it('lets one work at a time however long those who find an abandoned lock dwell between two steps', async () => {
    lockLimits.retryMs = 1;
    const { link, readFile, rm } = fs;
    await fc.assert(
      fc.asyncProperty(fc.infiniteStream(fc.constantFrom(0, 0, 0, 3, 10)), async (dwellings) => {
        const dwelling = <A extends unknown[], R>(step: (...args: A) => Promise<R>) =>
          (async (...args: A) => {
            await sleep(dwellings.next().value);
            return step(...args);
          }) as typeof step;
        vi.spyOn(fs, 'link').mockImplementation(dwelling(link));
        vi.spyOn(fs, 'readFile').mockImplementation(dwelling(readFile) as typeof readFile);
        vi.spyOn(fs, 'rm').mockImplementation(dwelling(rm));
        syncBuiltinESMExports();
        await writeFile(lock, `${NOBODY} 1`);
        let working = 0;
        const work = async () => {
          working += 1;
          await sleep(5);
          const together = working;
          working -= 1;
          return together;
        };
        expect(await Promise.all([1, 2, 3, 4].map(() => withLock(lock, work)))).toEqual([1, 1, 1, 1]);
        expect(await readdir(folder)).toEqual([]);
      }),
      { numRuns: 25 },
    );
  }, 60_000);
});
