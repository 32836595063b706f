import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeFolder } from './make-folder.js';

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'milepost-folder-'));
});
afterAll(() => {
  rmSync(root, { recursive: true, force: true });
});

describe('makeFolder', () => {
  it('makes every folder of the path, with the mode, and leaves those that are there', async () => {
    const before = statSync(root).mode;
    await Promise.all([1, 2, 3].map(() => makeFolder(join(root, 'a/b/c'), 0o700)));
    expect(statSync(join(root, 'a/b/c')).isDirectory()).toBe(true);
    expect(statSync(join(root, 'a')).mode & 0o777).toBe(0o700);
    expect(statSync(root).mode).toBe(before);
    await makeFolder(join(root, 'a/b/c'));
  });

  it('refuses where a file stands in the way', async () => {
    writeFileSync(join(root, 'file'), '');
    await expect(makeFolder(join(root, 'file'))).rejects.toMatchObject({ code: 'EEXIST' });
    for (const below of ['file/below', 'file/below/deep'])
      await expect(makeFolder(join(root, below))).rejects.toMatchObject({ code: 'ENOTDIR', path: join(root, 'file/below') });
  });

  // Root is told ENOENT there, others EACCES. Should it not end, no time-out of a test ends it: Node would be in its own loop.
  it('ends where nothing can be made', async () => {
    await expect(makeFolder('/proc/mile/post')).rejects.toMatchObject({ path: '/proc/mile', code: expect.stringMatching(/ENOENT|EACCES/) });
  });
});
