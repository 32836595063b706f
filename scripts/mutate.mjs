// `npm run mutate [-- --sample N --seed S] [FILE...]`: breaks libs/mqtt in many small ways, and tells what no test noticed.
// First each mutant is asked until one test fails; that gives the share that survives. Then the statements of the specification whose tests were not
// the ones that failed get mutants of their own, and every test is asked. The sample is N blocks of 20 lines; about half a second a mutant, and about
// one mutant a line. What a whole run has answered is kept in node_modules/.cache, and asked again only where code or tests changed, or with --fresh.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { Stryker } from '@stryker-mutator/core';
import { StatementProofs } from './mutation/statement-proofs.mjs';
import { fail, root } from './prepare.mjs';

const BLOCK_LINES = 20;
/** So often are the statements that are not yet proven given mutants of their own. */
const PROOF_ROUNDS = 4;
const SOURCE = 'libs/mqtt/src/';

const USAGE = `npm run mutate -- [options] [FILE ...]     Breaks libs/mqtt, or these files of it, in many small ways; prints what no test noticed.

  --sample N        N blocks of ${BLOCK_LINES} lines, by chance (all)
  --seed N          the same seed gives the same sample (by chance, and printed)
  --concurrency N   test runners at a time (1)
  --fresh           ask again what earlier runs have answered
  --help            this text
`;

const { values, positionals } = optionsOrEnd();
const seed = Number(values.seed ?? Date.now() % 100_000);

process.chdir(root);
const mutants = await tested(mutated(), {
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
  statements.add(await tested(ranges, { disableBail: true }));
}
process.stdout.write(statements.summary());

/** The mutants of these files, or of these ranges of lines, each with its verdict. */
function tested(mutate, options) {
  const stryker = new Stryker({
    mutate,
    testRunner: 'vitest',
    vitest: { configFile: 'test/mutation/vitest.config.mjs', related: false },
    coverageAnalysis: 'perTest',
    // What an error says to people is not tested.
    mutator: { excludedMutations: ['StringLiteral'] },
    concurrency: Number(values.concurrency),
    ignorePatterns: ['apps', 'docs', 'test/integration', 'test/e2e', 'test/interop', 'test/bench', 'migrations', 'deploy'],
    // On a busy machine a mutant that is only slow must not count as one that never ends.
    timeoutMS: 15_000,
    reporters: ['progress-append-only'],
    logLevel: 'warn',
    ...options,
  });
  return stryker.runMutationTest();
}

/** A wrong command line ends with 2, as of all commands here. */
function optionsOrEnd() {
  const text = { type: 'string' };
  const options = {
    sample: text,
    seed: text,
    concurrency: { ...text, default: '1' },
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
  const missing = parsed.positionals.find((file) => !existsSync(`${root}${file.replace(/:\d+.*$/, '')}`));
  if (missing !== undefined) fail(`There is no file ${missing}, seen from the folder of package.json.`, 2);
  return parsed;
}

function sourceFiles() {
  const names = readdirSync(SOURCE, { recursive: true }).map((name) => `${SOURCE}${name}`);
  return names.filter((name) => name.endsWith('.ts') && !/\.(test|fixture)\.ts$|\/index\.ts$/.test(name)).sort();
}

function mutated() {
  const files = positionals.length > 0 ? positionals : sourceFiles();
  if (values.sample === undefined) return files;
  const blocks = files.flatMap((file) => {
    const lines = readFileSync(file, 'utf8').split('\n').length;
    return Array.from({ length: Math.ceil(lines / BLOCK_LINES) }, (_, index) => {
      const first = index * BLOCK_LINES + 1;
      return `${file}:${first}-${Math.min(first + BLOCK_LINES - 1, lines)}`;
    });
  });
  return shuffled(blocks).slice(0, Number(values.sample));
}

/** Fisher–Yates with a small linear congruential generator: the same seed gives the same sample. */
function shuffled(items) {
  const copy = [...items];
  let state = seed;
  for (let last = copy.length - 1; last > 0; last--) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const chosen = state % (last + 1);
    [copy[last], copy[chosen]] = [copy[chosen], copy[last]];
  }
  return copy;
}

function report(mutants) {
  const of = (...states) => mutants.filter(({ status }) => states.includes(status));
  const killed = of('Killed', 'Timeout');
  const survived = of('Survived', 'NoCoverage');
  for (const { fileName, location, mutatorName, replacement, status } of survived) {
    const place = `${fileName.replace(root, '')}:${location.start.line}:${location.start.column}`;
    process.stdout.write(
      `${status === 'NoCoverage' ? 'untested' : 'survived'} ${place} ${mutatorName} → ${replacement.replace(/\s+/g, ' ')}\n`,
    );
  }
  const share = (100 * survived.length) / (killed.length + survived.length);
  const sample = values.sample === undefined ? 'all of libs/mqtt' : `${values.sample} blocks, seed ${seed}`;
  process.stdout.write(`${sample}: ${killed.length} killed, ${survived.length} survived, ${share.toFixed(1)} % survive\n`);
}
