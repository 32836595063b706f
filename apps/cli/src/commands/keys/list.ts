import { listApiKeys } from '@milepost/database';
import type { Command } from 'commander';
import type { Installation } from '../../reaching/installation.js';
import { listRows } from '../list-rows.js';

export const keysList = (installation: Installation): Command =>
  listRows(installation, {
    description: 'list the keys of the API',
    rows: listApiKeys,
    head: ['KEY', 'NAME', 'ORGANISATION', 'SCOPES', 'CREATED', 'REVOKED'],
    cells: (key) => [
      `${key.prefix}…`,
      key.name,
      key.organisation,
      key.scopes.join(','),
      key.createdAt.toISOString(),
      key.revokedAt?.toISOString() ?? '',
    ],
  });
