// `npm run mutate [-- --sample N --seed S] [FILE...]`: breaks libs/mqtt in many small ways, and tells what no test noticed.
// First each mutant is asked until one test fails; that gives the share that survives. Then the statements of the specification whose tests were not
// the ones that failed get mutants of their own, and every test is asked. The sample is N blocks of 20 lines; about half a second a mutant, and about
// one mutant a line. What a whole run has answered is kept in node_modules/.cache, and asked again only where code or tests changed, or with --fresh.
// With --broker, blocks of apps/broker are broken until each statement that no test of libs/mqtt holds has had a test that failed.
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { refuseKeptByNpm } from './kept-by-npm.mjs';
import { BLOCK_LINES, shuffledBlocks, sourceFiles } from './mutation/blocks.mjs';
import { BrokerProofs } from './mutation/broker-proofs.mjs';
import { StatementProofs } from './mutation/statement-proofs.mjs';
import { described, tested } from './mutation/stryker.mjs';
import { fail, root } from './prepare.mjs';

/** So often are the statements that are not yet proven given mutants of their own. */
const PROOF_ROUNDS = 4;
/** Blocks of the broker that are broken at a time. */
const BLOCKS_A_ROUND = 30;

const USAGE = `npm run mutate -- [options] [FILE ...]     Breaks libs/mqtt, or these files of it, in many small ways; prints what no test noticed.

  --sample N        N blocks of ${BLOCK_LINES} lines, by chance (all)
  --broker          breaks apps/broker instead, until a test of each statement of MQTT that no test of libs/mqtt holds has failed;
                    prints the mutant that each failed for, and ends with 1 when one has none
  --seed N          the same seed gives the same sample (by chance, and printed)
  --concurrency N   test runners at a time (1)
  --fresh           ask again what earlier runs have answered
  --help            this text
`;

const { values, positionals } = optionsOrEnd();
const seed = Number(values.seed ?? Date.now() % 100_000);
const concurrency = Number(values.concurrency);

process.chdir(root);
if (values.broker) await proveTheBrokersStatements();
else await mutateTheEngine();

async function mutateTheEngine() {
  const asked = (mutate, options) =>
    tested(mutate, 'test/mutation/vitest.config.mjs', {
      concurrency,
      ignorePatterns: ['apps', 'docs', 'test/integration', 'test/e2e', 'test/interop', 'test/bench', 'migrations', 'deploy'],
      ...options,
    });
  const files = positionals.length > 0 ? positionals : sourceFiles('libs/mqtt/src/');
  const mutants = await asked(values.sample === undefined ? files : shuffledBlocks(files, seed).slice(0, Number(values.sample)), {
    incremental: true,
    incrementalFile: 'node_modules/.cache/milepost/mutation.json',
    force: values.fresh === true,
  });
  report(mutants);
  const statements = new StatementProofs(mutants);
  for (let round = 0; round < PROOF_ROUNDS; round++) {
    const ranges = statements.nextMutants(round);
    if (ranges.length === 0) break;
    // Every test is asked, not only until one fails: whether the statement's own test fails is what we want to know.
    statements.add(await asked(ranges, { disableBail: true }));
  }
  process.stdout.write(statements.summary());
}

async function proveTheBrokersStatements() {
  const proofs = new BrokerProofs();
  let blocks = shuffledBlocks(positionals.length > 0 ? positionals : sourceFiles('apps/broker/src/'), seed);
  let count = 0;
  while (proofs.silent.length > 0 && blocks.length > 0) {
    const mutants = await tested(blocks.splice(0, BLOCKS_A_ROUND), 'test/mutation/broker.config.mjs', {
      concurrency,
      disableBail: true,
      ignorePatterns: ['docs', 'migrations', 'deploy'],
      // What is set up once for all tests costs a run of all of them each, and fails too many.
      ignoreStatic: true,
      timeoutMS: 30_000,
    });
    proofs.add(mutants);
    count += mutants.length;
    process.stdout.write(`${count} mutants so far; without one: ${proofs.silent.join(', ') || 'none'}\n`);
    blocks = proofs.worthAsking(blocks);
  }
  const all = proofs.all();
  for (const [statement, mutant] of all) {
    const how = mutant === undefined ? 'no mutant' : `${described(mutant, root)} (tests that failed: ${mutant.killedBy.length})`;
    process.stdout.write(`${statement}: ${how}\n`);
  }
  const silent = proofs.silent.length;
  process.stdout.write(
    `seed ${seed}, ${count} mutants of the broker: ${all.length - silent} of ${all.length} statements that no test of libs/mqtt holds had a test that failed\n`,
  );
  if (silent > 0) process.exitCode = 1;
}

/** A wrong command line ends with 2, as of all commands here. */
function optionsOrEnd() {
  refuseKeptByNpm('scripts/mutate.mjs');
  const text = { type: 'string' };
  const options = {
    sample: text,
    seed: text,
    concurrency: { ...text, default: '1' },
    broker: { type: 'boolean' },
    fresh: { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
  };
  let parsed;
  try {
    parsed = parseArgs({ allowPositionals: true, options });
  } catch (error) {
    fail(`${error.message.split(/\.\s/)[0]}. --help says what there is.`, 2);
  }
  if (parsed.values.help) {
    process.stdout.write(USAGE);
    process.exit(0);
  }
  for (const name of ['sample', 'seed', 'concurrency']) {
    const value = parsed.values[name];
    if (value !== undefined && !/^\d{1,9}$/.test(value)) fail(`--${name} takes a whole number, not "${value}".`, 2);
  }
  if (parsed.values.broker && (parsed.values.sample !== undefined || parsed.values.fresh)) {
    fail('--broker breaks blocks until all is proven, and keeps no answers: it goes with neither --sample nor --fresh.', 2);
  }
  const missing = parsed.positionals.find((file) => !existsSync(`${root}${file.replace(/:\d+.*$/, '')}`));
  if (missing !== undefined) fail(`There is no file ${missing}, seen from the folder of package.json.`, 2);
  return parsed;
}

function report(mutants) {
  const of = (...states) => mutants.filter(({ status }) => states.includes(status));
  const killed = of('Killed', 'Timeout');
  const survived = of('Survived', 'NoCoverage');
  for (const mutant of survived) {
    process.stdout.write(`${mutant.status === 'NoCoverage' ? 'untested' : 'survived'} ${described(mutant, root)}\n`);
  }
  const share = (100 * survived.length) / (killed.length + survived.length);
  const files = positionals.length > 0 ? positionals.join(', ') : 'all of libs/mqtt';
  const sample = values.sample === undefined ? files : `${values.sample} blocks of ${files}, seed ${seed}`;
  process.stdout.write(`${sample}: ${killed.length} killed, ${survived.length} survived, ${share.toFixed(1)} % survive\n`);
}
