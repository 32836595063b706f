import fs, { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { loadTrust } from '../trusting/trust.js';
import { createAuthority, ensureAuthority } from './create-authority.js';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'milepost-cut-short-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** Makes an authority, and is killed when so many files are there: each appears whole, by its rename. */
async function makeUntilKilled(files: number): Promise<void> {
  const rename = fs.rename;
  let left = files;
  const renames = vi
    .spyOn(fs, 'rename')
    .mockImplementation((from, to) => (left-- > 0 ? rename(from, to) : Promise.reject(new Error('killed'))));
  syncBuiltinESMExports();
  try {
    await expect(createAuthority(folder)).rejects.toThrow('killed');
  } finally {
    renames.mockRestore();
    syncBuiltinESMExports();
  }
}

it.each([0, 1, 2, 3])(
  'an authority whose making was cut short after %i files is there after the next start, and trusted',
  async (files) => {
    await makeUntilKilled(files);
    expect(await readdir(folder)).toHaveLength(files);
    const authority = await ensureAuthority(folder);
    const trust = await loadTrust(authority.files.trust);
    trust.close();
    expect(trust.certificatesPem()).toEqual([authority.certificatePem]);
    expect((await readdir(folder)).sort()).toEqual(['ca.crl', 'ca.crt', 'ca.key', 'trusted-cas.json']);
  },
);

it.each(['ca.key', 'ca.crt', 'ca.crl'])('nothing is made beside %s that somebody has put there, and it stays as it is', async (file) => {
  await writeFile(join(folder, file), 'mine');
  await expect(createAuthority(folder)).rejects.toMatchObject({ code: 'authority_exists' });
  await expect(ensureAuthority(folder)).rejects.toMatchObject({ code: 'authority_missing' });
  expect(await readFile(join(folder, file), 'utf8')).toBe('mine');
  expect(await readdir(folder)).toEqual([file]);
});
