import { parse } from 'pg-connection-string';
import { describe, expect, it } from 'vitest';
import { connectionUrl, connectionUrlFault } from './connection-url.js';
import { rolePasswords, urlForRole } from './roles.js';

const withHost = [
  'postgres://owner:secret@db:5432/milepost',
  'postgresql://[::1]/milepost',
  'postgres://%2Fvar%2Frun%2Fpostgresql/milepost',
  'postgres://owner:se%2Fcret@/milepost?host=/var/run/postgresql',
  'postgres://owner@/milepost?host=db&port=5433',
  'postgres:///milepost?host=db&user=owner&password=secret',
];
const noHost = ['postgres:///milepost', 'postgres://owner:secret@/milepost', 'postgres://', 'postgres:///milepost?host='];

describe('connectionUrlFault', () => {
  it.each(withHost)('takes %s', (text) => expect(connectionUrlFault(text, undefined)).toBeUndefined());

  it.each(noHost)('refuses %s, which names no host, unless the driver is told one otherwise', (text) => {
    expect(connectionUrlFault(text, '')).toMatch(/^its value names no host: .*\?host=\/var\/run\/postgresql\.$/);
    expect(connectionUrlFault(text, 'db')).toBeUndefined();
  });

  it.each(['foo', 'db:5432/milepost', 'mysql://db/milepost', 'postgres:db', 'postgres://owner:hid#den@db/x', 'postgres://db:99999/x'])(
    'refuses %s, which is no address',
    (text) => {
      expect(connectionUrlFault(text, 'db')).toContain('is no address of a Postgres');
      expect(connectionUrlFault(text, 'db')).not.toContain('hid');
    },
  );

  it('names a certificate that is not there', () => {
    expect(connectionUrlFault('postgres://db/x?sslrootcert=/nowhere/ca.crt', '')).toBe(
      'the file /nowhere/ca.crt, which it names, cannot be read (ENOENT).',
    );
  });
});

describe('connectionUrl', () => {
  it.each(withHost)('means to the driver what %s means', (text) => expect(parse(connectionUrl(text).href)).toEqual(parse(text)));
});

describe('urlForRole', () => {
  const passwords = rolePasswords('long and random');

  it.each([...withHost, 'postgres://owner:secret@db/milepost?user=owner&password=secret'])(
    'names the role in the place of the owner of %s, and the same database',
    (text) => {
      const { user: _, password: __, ...place } = parse(text);
      expect(parse(urlForRole(text, 'milepost_api', passwords))).toEqual({
        ...place,
        user: 'milepost_api',
        password: passwords.milepost_api,
      });
      expect(urlForRole(text, 'milepost_api', passwords)).not.toContain('owner');
    },
  );
});
