import { revokeApiKey } from '@milepost/database';
import { Command } from 'commander';
import { CliError } from '../../cli-error.js';
import type { Installation } from '../../installation.js';
import { note } from '../../output.js';

export const keysRevoke = (installation: Installation): Command =>
  new Command('revoke')
    .description('revoke a key of the API')
    .argument('<key>', 'its id, or the characters that `keys list` shows')
    .action(async (key: string) => {
      const revoked = await installation.withOwner((owner) => revokeApiKey(owner, key.replace(/…$/, '')));
      if (revoked.length === 0) throw new CliError(`No valid key is called "${key}". Look at \`milepost keys list\`.`);
      for (const { prefix, name } of revoked) note(`Revoked the key "${name}" (${prefix}…).`);
    });
