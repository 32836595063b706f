import fs, { mkdtemp, rm } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAuthority } from '@milepost/pki';
import { parseConfig } from '@milepost/runtime';
import { expect, onTestFinished, test, vi } from 'vitest';
import { configSchema } from './config.js';
import { credentialsFor } from './fleet.js';

test('the files of a fleet are not all open at once, however large it is', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'milepost-fleet-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await createAuthority(folder);
  const { readFile } = fs;
  let [open, most] = [0, 0];
  const spy = vi.spyOn(fs, 'readFile').mockImplementation((async (...args: Parameters<typeof readFile>) => {
    open += 1;
    most = Math.max(most, open);
    return readFile(...args).finally(() => {
      open -= 1;
    });
  }) as typeof readFile);
  syncBuiltinESMExports();
  try {
    const names = Array.from({ length: 20 }, (_, index) => `truck-${index}`);
    const credentials = await credentialsFor(parseConfig(configSchema, { PKI_DIR: folder }), names);
    expect(credentials.map(({ vehicleId }) => vehicleId)).toEqual(names);
    expect(new Set(credentials.map(({ privateKey }) => privateKey)).size).toBe(20);
    expect(most).toBeLessThanOrEqual(2);
  } finally {
    spy.mockRestore();
    syncBuiltinESMExports();
  }
});
