import { createLogger } from '@milepost/runtime';
import { expect, it } from 'vitest';
import { postgresOfVersion } from '../../../../test/support/src/postgres-of-version.js';
import { migrate } from './migrate.js';
import { postgresVersionFault } from './postgres-version.js';

it.each(['17.6', '16.4 (Debian 16.4-1.pgdg120+1)', '9.6.24', '17rc1'])('Postgres %s is too old, and it is said why', (version) => {
  const fault = postgresVersionFault(version);
  expect(fault).toContain(`version ${version}, and milepost needs 18 or newer`);
  expect(fault).toContain('uuidv7()');
});

it.each(['18.0', '18beta1', '19.2 (Ubuntu)', 'unknown'])('Postgres %s is none that is too old', (version) => {
  expect(postgresVersionFault(version)).toBeUndefined();
});

it('a migration asks nothing else of a server that is too old', async () => {
  const server = await postgresOfVersion('16.4');
  try {
    await expect(migrate(server.url, createLogger({ app: 'test', level: 'silent' }))).rejects.toMatchObject({
      code: 'postgres_too_old',
      message: expect.stringContaining('version 16.4'),
    });
    expect(server.asked).toEqual(['show server_version']);
  } finally {
    server.close();
  }
});
