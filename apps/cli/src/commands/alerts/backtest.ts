import { type Pool, sql } from '@milepost/database';
import type { SaidPolicy } from '@milepost/presence';
import { Command } from 'commander';
import { backwards } from '../../arguments/options.js';
import { readNamedFile } from '../../arguments/read-named-file.js';
import { type BacktestRequest, backtest } from '../../backtest/backtest.js';
import { type PolicyFile, readPolicyFile } from '../../backtest/policy-file.js';
import { asJson, asTables } from '../../backtest/report.js';
import { CliError, exitCodes } from '../../cli-error.js';
import { note, print } from '../../output.js';
import type { Installation } from '../../reaching/installation.js';

const targets = sql('backtest/targets');

interface Options {
  policy: string;
  since: Date;
  until?: Date;
  organisation?: string;
  json?: true;
}

export const alertsBacktest = (installation: Installation): Command =>
  new Command('backtest')
    .description('replay the presence history under other policies and compare with the alerts that there were; writes nothing')
    .requiredOption(
      '--policy <file>',
      'JSON: settings of an organisation, or {"policies": […]}; or `recorded`: policies, mutes and windows as they were',
    )
    .requiredOption('--since <time>', 'like 7d, or RFC 3339; 35 days back at most', backwards)
    .option('--until <time>', 'the end of the history unless given', backwards)
    .option('--organisation <name>', 'its alerts only; also whom settings in the file are for (default: all, and "default")')
    .option('--json', 'one JSON object')
    .action(async ({ policy, since, until, organisation, json }: Options) => {
      if (until !== undefined && until <= since) throw new CliError('--until is not after --since.', exitCodes.usage);
      const file = policy === 'recorded' ? undefined : readPolicyFile(policy, (await readNamedFile('--policy', policy)).toString('utf8'));
      await installation.withReader(async (pool) => {
        const request: BacktestRequest = {
          sinceMs: since.getTime(),
          ...(until !== undefined && { untilMs: until.getTime() }),
          ...(organisation !== undefined && { organisationId: (await targetOf(pool, { organisation })).organisationId }),
          ...(file !== undefined && { policies: await policiesOf(pool, file, organisation ?? 'default') }),
        };
        const result = await backtest(pool, request);
        print(json ? asJson(result) : asTables(result));
        if (!json) {
          const [from, begin, end] = [result.fromMs, result.sinceMs, result.untilMs].map((atMs) => new Date(atMs).toISOString());
          note(`${result.batches} batches replayed from the snapshots of ${from}; compared from ${begin} to ${end}.`);
        }
      });
    });

/** Settings stand in place of the organisation's own policy; a list in place of everything said in the organisations that it names. */
async function policiesOf(pool: Pool, file: PolicyFile, organisation: string): Promise<NonNullable<BacktestRequest['policies']>> {
  if (file.kind === 'settings') {
    const { organisationId } = await targetOf(pool, { organisation });
    return {
      insteadOf: (rule) => rule.organisationId === organisationId && rule.scope === 'organisation',
      said: [{ organisationId, scope: 'organisation', priority: 0, settings: file.settings }],
    };
  }
  const said: SaidPolicy[] = [];
  for (const { settings, priority = 0, group, vehicleId, ...entry } of file.policies) {
    const named = { organisation: entry.organisation ?? organisation, ...(group && { group }), ...(vehicleId && { vehicleId }) };
    const scope = group !== undefined ? 'group' : vehicleId !== undefined ? 'vehicle' : 'organisation';
    said.push({ ...(await targetOf(pool, named)), scope, priority, settings });
  }
  const organisations = new Set(said.map(({ organisationId }) => organisationId));
  return { insteadOf: ({ organisationId }) => organisations.has(organisationId), said };
}

interface Target {
  organisationId: number;
  groupId: string | null;
  vehicle: number | null;
}

async function targetOf(
  pool: Pool,
  { organisation, group, vehicleId }: { organisation: string; group?: string; vehicleId?: string },
): Promise<Target> {
  const { rows } = await pool.query<Target>({ ...targets, values: [organisation, group ?? null, vehicleId ?? null] });
  const [target] = rows;
  if (target === undefined) throw new CliError(`There is no organisation ${organisation}.`, exitCodes.usage);
  if (group !== undefined && target.groupId === null) throw new CliError(`${organisation} has no group "${group}".`, exitCodes.usage);
  if (vehicleId !== undefined && target.vehicle === null)
    throw new CliError(`${organisation} has no vehicle ${vehicleId}.`, exitCodes.usage);
  return target;
}
