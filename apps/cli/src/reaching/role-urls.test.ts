import { rolePasswords } from '@milepost/database';
import { expect, it } from 'vitest';
import { roleUrls } from './role-urls.js';

it('each role has its own connection string to the owner’s database, with the password that migrate gives it, and never the owner’s', () => {
  const lines = roleUrls('postgres://owner:secret@db:5432/fleet', 'long and random');
  expect(lines.map((line) => line.split('=')[0])).toEqual([
    'INGEST_DATABASE_URL',
    'ALERTS_DATABASE_URL',
    'WEBHOOKS_DATABASE_URL',
    'API_DATABASE_URL',
    'CANARY_DATABASE_URL',
  ]);
  expect(lines[0]).toBe(`INGEST_DATABASE_URL=postgres://milepost_ingest:${rolePasswords('long and random').milepost_ingest}@db:5432/fleet`);
  expect(lines.join()).not.toContain('secret@');
});
