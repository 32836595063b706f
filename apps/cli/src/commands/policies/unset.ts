import { deletePolicy } from '@milepost/database';
import { Command } from 'commander';
import { CliError } from '../../cli-error.js';
import { note } from '../../output.js';
import type { Installation } from '../../reaching/installation.js';
import { addressOf, nameOf, type TargetOptions, withTarget } from './target.js';

export const policiesUnset = (installation: Installation): Command =>
  withTarget(new Command('unset'))
    .description('take back what was said; the wider policies hold again')
    .action(async (target: TargetOptions) => {
      const address = addressOf(target);
      const deleted = await installation.withOwner((owner) => deletePolicy(owner, address));
      if (!deleted) throw new CliError(`Nothing was said for ${nameOf(address)}. Look at \`npx milepost policies list\`.`);
      note(`Taken back for ${nameOf(address)}.`);
    });
