import { expect, it } from 'vitest';
import { databaseRefusal } from './database-refusal.js';

const error = (code: string, message: string) => Object.assign(new Error(message), { code });

it.each(['42P01', '42703', '42883', '3F000'])('says of %s that the schema is not there, and what brings it', (code) => {
  expect(databaseRefusal(error(code, 'relation "api_keys" does not exist'))).toBe(
    'The database has not the schema of this version of milepost (relation "api_keys" does not exist). Bring it up to date with `npx milepost migrate`, or name another in DATABASE_URL.',
  );
});

it('says who must ask where the rights are missing', () => {
  expect(databaseRefusal(error('42501', 'permission denied for table api_keys'))).toMatch(/permission denied.*owner of the database/);
});

it('says of a role of the apps that is not there where it belongs to, and that the dump is to be restored again', () => {
  expect(databaseRefusal(error('42704', 'role "milepost_ingest" does not exist'))).toMatch(/not on this server.*restore it again/);
  expect(databaseRefusal(error('42704', 'type "uuid7" does not exist'))).toBeUndefined();
});

it('says nothing of other errors', () => {
  for (const one of [error('57P01', 'x'), error('ECONNREFUSED', 'x'), new TypeError('x')]) expect(databaseRefusal(one)).toBeUndefined();
});
