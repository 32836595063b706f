// `npm run mutate [-- --sample N --seed S] [FILE...]`: breaks libs/mqtt in many small ways, and tells what no test noticed.
// The sample is N blocks of 20 lines; about half a second a mutant, and about one mutant a line. Results are kept in node_modules/.cache, so that
// a run that was ended, or file after file, goes on where the other ended; --fresh asks everything again.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { Stryker } from '@stryker-mutator/core';
import { statementsIn } from './conformance.mjs';
import { fail, root } from './prepare.mjs';

const BLOCK_LINES = 20;
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
const stryker = new Stryker({
  mutate: mutated(),
  testRunner: 'vitest',
  vitest: { configFile: 'test/mutation/vitest.config.mjs', related: false },
  coverageAnalysis: 'perTest',
  // Each test is asked, not only the first that fails: which statements hold is what we want to know.
  disableBail: true,
  // What an error says to people is not tested.
  mutator: { excludedMutations: ['StringLiteral'] },
  concurrency: Number(values.concurrency),
  ignorePatterns: ['apps', 'docs', 'test/integration', 'test/e2e', 'test/interop', 'test/bench', 'migrations', 'deploy'],
  // On a busy machine a mutant that is only slow must not count as one that never ends.
  timeoutMS: 15_000,
  incremental: true,
  incrementalFile: 'node_modules/.cache/milepost/mutation.json',
  force: values.fresh === true,
  reporters: ['progress-append-only'],
  logLevel: 'warn',
});
report(await stryker.runMutationTest());

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
  const silent = silentStatements(mutants);
  if (silent.length > 0) process.stdout.write(`statements whose tests killed no mutant of this run: ${silent.join(', ')}\n`);
  const share = (100 * survived.length) / (killed.length + survived.length);
  const sample = values.sample === undefined ? 'all of libs/mqtt' : `${values.sample} blocks, seed ${seed}`;
  process.stdout.write(`${sample}: ${killed.length} killed, ${survived.length} survived, ${share.toFixed(1)} % survive\n`);
}

/** Of the statements whose tests ran over at least one mutant: those that none of their tests ever failed for. */
function silentStatements(mutants) {
  const named = (ids) => new Set((ids ?? []).flatMap(statementsIn));
  const ran = named(mutants.flatMap(({ coveredBy }) => coveredBy ?? []));
  const failed = named(mutants.flatMap(({ killedBy }) => killedBy ?? []));
  return [...ran].filter((number) => !failed.has(number)).sort();
}
