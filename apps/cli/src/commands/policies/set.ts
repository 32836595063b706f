import { readFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { savePolicy } from '@milepost/database';
import { Command } from 'commander';
import { CliError } from '../../cli-error.js';
import type { Installation } from '../../installation.js';
import { note } from '../../output.js';
import { policySettings } from '../../policy-setting.js';
import { addressOf, nameOf, type TargetOptions, withTarget } from './target.js';

interface Options extends TargetOptions {
  file?: string;
  priority: string;
}

export const policiesSet = (installation: Installation): Command =>
  withTarget(new Command('set'))
    .description(
      'say what holds for an organisation, a group or a vehicle, in place of what was said before; alerts takes it within seconds',
    )
    .argument('[setting...]', 'like graceSeconds=60 or severity.offline=info; `policies show` names them all')
    .option('--file <file>', 'JSON with settings, before those of the command line')
    .option('--priority <number>', 'of a group: of several groups of a vehicle the higher one counts', '0')
    .action(async (assignments: string[], { file, priority, ...target }: Options) => {
      const address = addressOf(target);
      const settings = policySettings(assignments, file === undefined ? {} : await readSettings(file));
      const said = { settings, priority: Number.parseInt(priority, 10) || 0, actor: `${userInfo().username} (milepost policies)` };
      const saved = await installation.withOwner((owner) => savePolicy(owner, address, said));
      if (!saved) throw new CliError(`There is no such thing as ${nameOf(address)}.`);
      note(`Said for ${nameOf(address)}: ${JSON.stringify(settings)}`);
    });

async function readSettings(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch (cause) {
    throw new CliError(`${file} cannot be read as JSON: ${cause instanceof Error ? cause.message : cause}`, 1, { cause });
  }
}
