import { userInfo } from 'node:os';
import { savePolicy } from '@milepost/database';
import { Command } from 'commander';
import { priority as priorityOf } from '../../arguments/options.js';
import { policySettings } from '../../arguments/policy-setting.js';
import { readNamedFile } from '../../arguments/read-named-file.js';
import { refuseUnknown } from '../../arguments/refuse-unknown.js';
import { CliError, exitCodes } from '../../cli-error.js';
import { note } from '../../output.js';
import type { Installation } from '../../reaching/installation.js';
import { addressOf, nameOf, type TargetOptions, withTarget } from './target.js';

interface Options extends TargetOptions {
  file?: string;
  priority?: number;
}

export const policiesSet = (installation: Installation): Command =>
  withTarget(new Command('set'))
    .description(
      'say what holds for an organisation, a group or a vehicle, in place of what was said before; alerts takes it within seconds',
    )
    .argument('[setting...]', 'like graceSeconds=60 or severity.offline=info; `npx milepost policies show` names them all')
    .option('--file <file>', 'JSON with settings, before those of the command line')
    .option('--priority <number>', 'of a group: of several groups of a vehicle the higher one counts (default: 0)', priorityOf)
    .action(async (assignments: string[], { file, priority, ...target }: Options) => {
      const settings = policySettings(assignments, file === undefined ? {} : await readSettings(file));
      // In place of what was said before, that would take it back: there is a command that says so.
      if (Object.keys(settings).length === 0)
        throw new CliError(
          'Say at least one setting, like graceSeconds=60. `npx milepost policies unset` takes a policy back.',
          exitCodes.usage,
        );
      const address = addressOf(target);
      if (priority !== undefined && address.group === undefined)
        throw new CliError('--priority decides between groups: it goes with --group.', exitCodes.usage);
      const said = { settings, priority: priority ?? 0, actor: `${userInfo().username} (milepost policies)` };
      await installation.withOwner(async (owner) => {
        if (await savePolicy(owner, address, said)) return;
        const { vehicleId, ...wider } = address;
        await refuseUnknown(owner, { ...wider, ...(vehicleId !== undefined && { vehicleIds: [vehicleId] }) });
        throw new CliError(`${nameOf(address)} was there a moment ago, or is since: try again.`);
      });
      note(`Said for ${nameOf(address)}: ${JSON.stringify(settings)}`);
    });

async function readSettings(file: string): Promise<unknown> {
  const text = (await readNamedFile('--file', file)).toString('utf8');
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new CliError(`${file} is not JSON: ${cause instanceof Error ? cause.message : cause}`, exitCodes.failed, { cause });
  }
}
