import type { Scope } from '@milepost/contracts';
import { createApiKey, vehiclesOfOrganisation } from '@milepost/database';
import { Command } from 'commander';
import { name as nameOf, scopeList } from '../../arguments/options.js';
import { note, print } from '../../output.js';
import type { Installation } from '../../reaching/installation.js';

/** Of organisations that may have been meant. */
const OTHERS_NAMED = 10;

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
      const { hasVehicle, others } = await installation.withOwner(async (owner) => {
        const { id, key } = await createApiKey(owner, { name, organisation, scopes });
        // At once: whatever fails after this, it is made, and is not shown again.
        print(key);
        note(`Made the key "${name}" (${id}) of organisation ${organisation} with ${scopes.join(', ')}. It is not shown again.`);
        return vehiclesOfOrganisation(owner, organisation, OTHERS_NAMED);
      });
      // A key may come before the first vehicle, so no name is refused; but it may be misspelt.
      if (!hasVehicle) {
        const known = others.length === 0 ? '' : ` Is the name right? Some that have one: ${others.join(', ')}.`;
        note(
          `Organisation ${organisation} has no vehicle yet: the key opens nothing until one comes whose certificate names it (O).${known}`,
        );
      }
    });
