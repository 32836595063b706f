import { expect, it } from 'vitest';
import { postgresOfVersion } from '../../../../test/support/src/postgres-of-version.js';
import { Installation } from '../reaching/installation.js';
import { checkPostgres } from './check-postgres.js';

it('a Postgres that is too old is one fault, with the version that it has and the one that is needed', async () => {
  const server = await postgresOfVersion('16.4');
  try {
    const findings = await checkPostgres(new Installation({ DATABASE_URL: server.url }, '/nowhere'));
    expect(findings).toEqual([
      {
        ok: false,
        subject: 'Postgres',
        detail: expect.stringMatching(/version 16\.4.*18 or newer.*uuidv7/),
        mend: expect.stringContaining('DATABASE_URL'),
      },
    ]);
  } finally {
    server.close();
  }
});
