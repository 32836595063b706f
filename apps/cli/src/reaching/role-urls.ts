import { appRoles, rolePasswords, urlForRole } from '@milepost/database';

/**
 * The connection strings of the apps' own roles, as lines of an environment file: of the role `milepost_ingest` comes `INGEST_DATABASE_URL`,
 * the variable that docker-compose.yml gives to ingest. They hold passwords.
 */
export function roleUrls(ownerUrl: string, secret: string): string[] {
  const passwords = rolePasswords(secret);
  return appRoles.map((role) => `${role.replace('milepost_', '').toUpperCase()}_DATABASE_URL=${urlForRole(ownerUrl, role, passwords)}`);
}
