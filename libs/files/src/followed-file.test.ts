import fs, { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type FollowedFile, followFile } from './followed-file.js';

let folder: string;
let file: string;
let followed: FollowedFile<number> | undefined;
let problems: string[];

function parse(text: string, path: string): number {
  if (!/^\d+\n$/.test(text)) throw new Error(`${path} holds no number`);
  return Number(text);
}
const follow = async () => {
  followed = await followFile(file, { parse, pollMs: 60_000, onProblem: ({ message }) => problems.push(message) });
  return followed;
};

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'milepost-files-'));
  file = join(folder, 'number');
  problems = [];
  await writeFile(file, '1\n');
});
afterEach(async () => {
  followed?.close();
  await rm(folder, { recursive: true });
});

describe('a followed file', () => {
  it('is read again when it is replaced, and says so once', async () => {
    const it = await follow();
    const changes: [number, number][] = [];
    it.onChange((now, before) => changes.push([before, now]));
    await it.reload();
    await writeFile(`${file}.new`, '2\n');
    await rename(`${file}.new`, file);
    await Promise.all([it.reload(), it.reload()]);
    expect(it.content).toBe(2);
    expect(changes).toEqual([[1, 2]]);
  });

  it('keeps the last good content while it is wrong or missing, and tells each problem once', async () => {
    const it = await follow();
    await writeFile(file, 'two\n');
    await it.reload();
    await it.reload();
    expect(problems).toEqual([expect.stringContaining('holds no number')]);
    await rm(file);
    await it.reload();
    expect(problems).toHaveLength(2);
    expect(it.content).toBe(1);
    await writeFile(file, '3\n');
    await it.reload();
    expect(it.content).toBe(3);
  });

  it('is tried again, without a word each time, while the file system does not give it, though it does not change', async () => {
    const it = await follow();
    await writeFile(file, '2\n');
    const tooMany = Object.assign(new Error('EMFILE: too many open files'), { code: 'EMFILE', syscall: 'open' });
    const reads = vi.spyOn(fs, 'readFile').mockRejectedValue(tooMany);
    syncBuiltinESMExports();
    try {
      await it.reload();
      await it.reload();
      expect(reads).toHaveBeenCalledTimes(2);
    } finally {
      reads.mockRestore();
      syncBuiltinESMExports();
    }
    expect(problems).toEqual([tooMany.message]);
    expect(it.content).toBe(1);
    await it.reload();
    expect(it.content).toBe(2);
  });

  it('must be usable at the start', async () => {
    await writeFile(file, 'two\n');
    await expect(follow()).rejects.toThrow('holds no number');
  });

  it('is looked at by itself', async () => {
    followed = await followFile(file, { parse, pollMs: 5 });
    const changed = new Promise((resolve) => followed?.onChange(resolve));
    await writeFile(file, '44\n');
    expect(await changed).toBe(44);
  });
});
