import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { postgresOfVersion } from '../../../test/support/src/postgres-of-version.js';
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

it('starts nothing beside a Postgres that is too old, and says which it found and what is missing', async () => {
  const server = await postgresOfVersion('16.4');
  const said: string[] = [];
  try {
    const starting = startBackingServices({ dataDir, environment: { DATABASE_URL: server.url }, log: (line) => said.push(line) });
    await expect(starting).rejects.toMatchObject({
      code: 'postgres_too_old',
      message: expect.stringMatching(/DATABASE_URL.*\*\*\*@.*version 16\.4.*18 or newer.*uuidv7/),
    });
    expect(said).toEqual([]);
    expect(readdirSync(dataDir)).toEqual([]);
  } finally {
    server.close();
  }
});
