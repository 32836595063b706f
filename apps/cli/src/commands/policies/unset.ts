import { deletePolicy } from '@milepost/database';
import { Command } from 'commander';
import { CliError, exitCodes } from '../../cli-error.js';
import type { Installation } from '../../installation.js';
import { wholeOrganisation } from '../../options.js';
import { note } from '../../output.js';
import { addressOf, nameOf, type TargetOptions, withTarget } from './target.js';

interface Options extends TargetOptions {
  wholeOrganisation?: true;
}

export const policiesUnset = (installation: Installation): Command =>
  withTarget(new Command('unset'))
    .description('take back what was said; the wider policies hold again')
    .option(...wholeOrganisation)
    .action(async ({ wholeOrganisation: whole, ...target }: Options) => {
      if ([target.group, target.vehicle, whole].filter((scope) => scope !== undefined).length !== 1)
        throw new CliError('Say whose policy: --group, --vehicle or --whole-organisation, one of them.', exitCodes.usage);
      const address = addressOf(target);
      const deleted = await installation.withOwner((owner) => deletePolicy(owner, address));
      if (!deleted) throw new CliError(`Nothing was said for ${nameOf(address)}. Look at \`milepost policies list\`.`);
      note(`Taken back for ${nameOf(address)}.`);
    });
