import { createHmac } from 'node:crypto';
import { Client, escapeIdentifier, escapeLiteral } from 'pg';
import { advisoryLocks } from '../advisory-locks.js';
import { connectionUrl } from './connection-url.js';

export const appRoles = ['milepost_ingest', 'milepost_alerts', 'milepost_webhooks', 'milepost_api', 'milepost_canary'] as const;
export type AppRole = (typeof appRoles)[number];

/** Passwords of the apps' roles, derived so that nothing but one secret need be kept. */
export function rolePasswords(secret: string): Record<AppRole, string> {
  const password = (role: AppRole) => createHmac('sha256', secret).update(role).digest('base64url');
  return Object.fromEntries(appRoles.map((role) => [role, password(role)])) as Record<AppRole, string>;
}

/**
 * Lets the apps' roles (made by the first migration) log in with these passwords. Needs the rights of whoever made the roles. They belong to the server: an
 * installation in another database there has them too, and could log in no more.
 */
export async function setRolePasswords(ownerUrl: string, passwords: Record<AppRole, string>): Promise<void> {
  const client = new Client({ connectionString: ownerUrl, application_name: 'milepost-roles', connectionTimeoutMillis: 10_000 });
  client.on('error', () => undefined);
  await client.connect();
  try {
    // Of two that set passwords at once one would fail with "tuple concurrently updated".
    await client.query('begin');
    await client.query('select pg_advisory_xact_lock($1)', [advisoryLocks.rolePasswords]);
    for (const role of appRoles)
      await client.query(`alter role ${escapeIdentifier(role)} login password ${escapeLiteral(passwords[role])}`);
    await client.query('commit');
  } finally {
    await client.end();
  }
}

/** The owner's connection string with another user and password. */
export function urlForRole(ownerUrl: string, role: AppRole, passwords: Record<AppRole, string>): string {
  const url = connectionUrl(ownerUrl);
  // What stands behind the ? counts before what stands before the host, and a URL without a host takes neither there.
  for (const name of ['user', 'password']) if (url.searchParams.has(name)) url.searchParams.delete(name);
  if (url.host === '') {
    url.searchParams.set('user', role);
    url.searchParams.set('password', passwords[role]);
  } else {
    url.username = role;
    url.password = passwords[role];
  }
  return url.href;
}
