import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startBackingServices } from './start-backing-services.js';

let dataDir: string;
beforeAll(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'milepost-backing-'));
});
afterAll(() => {
  rmSync(dataDir, { recursive: true, force: true });
});

it.each([
  ['postgres_unreachable', { DATABASE_URL: 'postgres://owner:secret@127.0.0.1:1/milepost' }],
  ['kafka_unreachable', { KAFKA_BROKERS: '127.0.0.1:1' }],
])('starts nothing when a service that is named does not answer: %s', async (code, environment) => {
  const said: string[] = [];
  const starting = startBackingServices({ dataDir, environment, log: (line) => said.push(line) });
  await expect(starting).rejects.toMatchObject({ code });
  expect(said).toEqual([]);
  expect(readdirSync(dataDir)).toEqual([]);
});
