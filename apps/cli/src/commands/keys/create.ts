import type { Scope } from '@milepost/contracts';
import { createApiKey } from '@milepost/database';
import { Command } from 'commander';
import type { Installation } from '../../installation.js';
import { name as nameOf, scopeList } from '../../options.js';
import { note, print } from '../../output.js';

interface Options {
  name: string;
  organisation: string;
  scopes: Scope[];
}

export const keysCreate = (installation: Installation): Command =>
  new Command('create')
    .description('make a key for the API and print it, this once: only its hash is stored')
    .requiredOption('--name <name>', 'what it is for; stands as the actor in acknowledgements', nameOf)
    .option('--organisation <name>', 'organisation whose data it opens', nameOf, 'default')
    .requiredOption('--scopes <scopes>', 'some of read, alerts:write, webhooks:write, admin, comma-separated', scopeList)
    .action(async ({ name, organisation, scopes }: Options) => {
      const { id, key } = await installation.withOwner((owner) => createApiKey(owner, { name, organisation, scopes }));
      print(key);
      note(`Made the key "${name}" (${id}) of organisation ${organisation} with ${scopes.join(', ')}. It is not shown again.`);
    });
