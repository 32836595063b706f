// `npm run chaos -- --sabotage [names] [--seed N]`: breaks the pipeline on purpose, and sees that the ledger finds out.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { childRun } from '../child-run.js';
import type { Finding } from '../ledger/finding.js';
import type { Outcome } from '../outcome.js';
import { outliveTerminal } from '../outlive-terminal.js';
import { Checkout } from './checkout.js';
import { parseOptions, usage } from './options.js';
import { type Saboteur, saboteurs } from './saboteurs.js';

const original = fileURLToPath(new URL('../../../../../../', import.meta.url));
const main = fileURLToPath(new URL('../main.js', import.meta.url));
const say = (line: string) => void process.stdout.write(`${line}\n`);

outliveTerminal();
const options = parseOptions(process.argv.slice(2));
if (options === 'help') {
  say(usage);
  process.exit(0);
}
const { seed, names } = options;
const chosen = saboteurs.filter(({ name }) => names.length === 0 || names.includes(name));
const rows: string[] = [];
let undetected = 0;

for (const saboteur of chosen) {
  say(`\n${saboteur.name}: ${saboteur.does}`);
  const found = await sabotaged(saboteur);
  if (found.length === 0) undetected += 1;
  rows.push(`  ${saboteur.name.padEnd(24)}${(found.length > 0 ? 'found out' : 'NOT FOUND').padEnd(12)}${found.join(', ')}`);
}
say(`\n  ${'sabotage'.padEnd(24)}${'outcome'.padEnd(12)}what the ledger found\n${rows.join('\n')}\n`);
process.exit(undetected === 0 ? 0 : 1);

/** What the ledger found of what it must find. */
async function sabotaged({ changes, run, finds }: Saboteur): Promise<string[]> {
  const checkout = new Checkout(original);
  try {
    for (const change of changes) checkout.change(change);
    const json = join(checkout.root, 'chaos.json');
    const chaos = ['--enable-source-maps', main, '--seed', seed, ...run, '--json', json];
    const code = await childRun(process.execPath, chaos, { ...process.env, MILEPOST_CHAOS_ROOT: checkout.root });
    if (!existsSync(json)) throw new Error(`the run for ${checkout.root} was broken off: nothing can be said`);
    const { audit } = JSON.parse(readFileSync(json, 'utf8')) as Outcome;
    if (code === 0) return [];
    return finds.flatMap((law) => {
      const findings = audit[law] as readonly Finding[];
      return findings.length === 0 ? [] : [`${findings.length} ${law} (${findings[0]?.what})`];
    });
  } finally {
    checkout.remove();
  }
}
