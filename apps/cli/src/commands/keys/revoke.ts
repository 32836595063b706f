import { findValidApiKeys, type NamedApiKey, revokeApiKey } from '@milepost/database';
import { Command } from 'commander';
import { CliError } from '../../cli-error.js';
import { note } from '../../output.js';
import type { Installation } from '../../reaching/installation.js';

export const keysRevoke = (installation: Installation): Command =>
  new Command('revoke')
    .description('revoke a key of the API: it is refused within 5 s')
    .argument('<key>', 'its name, its id, its first characters as `npx milepost keys list` shows them, or all of it')
    .action(async (key: string) => {
      await installation.withOwner(async (owner) => {
        const [meant, ...others] = await findValidApiKeys(owner, key.trim().replace(/(…|\.\.\.)$/, ''));
        if (meant === undefined) throw new CliError('No valid key is called that. Look at `npx milepost keys list`.');
        if (others.length > 0) {
          const each = [meant, ...others].map(({ id, ...known }) => `  ${id}  ${described(known)}`);
          throw new CliError(`Several valid keys are called that; name one by its id:\n${each.join('\n')}`);
        }
        await revokeApiKey(owner, meant.id);
        note(`Revoked the key ${described(meant)}. The API refuses it within 5 s.`);
      });
    });

const described = ({ name, prefix, organisation }: Omit<NamedApiKey, 'id'>): string => `"${name}" (${prefix}…) of ${organisation}`;
