import { listApiKeys } from '@milepost/database';
import { Command } from 'commander';
import type { Installation } from '../../installation.js';
import { print, table } from '../../output.js';

export const keysList = (installation: Installation): Command =>
  new Command('list').description('list the keys of the API').action(async () => {
    const keys = await installation.withOwner(listApiKeys);
    const rows = keys.map((key) => [
      `${key.prefix}…`,
      key.name,
      key.organisation,
      key.scopes.join(','),
      key.createdAt.toISOString(),
      key.revokedAt?.toISOString() ?? '',
    ]);
    print(table(['KEY', 'NAME', 'ORGANISATION', 'SCOPES', 'CREATED', 'REVOKED'], rows));
  });
