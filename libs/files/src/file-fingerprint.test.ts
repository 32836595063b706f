import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fileFingerprint } from './file-fingerprint.js';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'milepost-files-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe('the fingerprint of files', () => {
  it('stays while nothing happens, and changes when another may read one of them', async () => {
    const file = join(folder, 'list');
    await writeFile(file, 'content', { mode: 0o600 });
    const before = await fileFingerprint([file]);
    expect(await fileFingerprint([file])).toBe(before);
    await chmod(file, 0o644);
    expect(await fileFingerprint([file])).not.toBe(before);
  });
});
