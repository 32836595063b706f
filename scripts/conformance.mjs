// docs/conformance.md: what both specifications demand, beside the tests whose names say in brackets that they hold it.
import { readdirSync, readFileSync } from 'node:fs';
import { root } from './prepare.mjs';

const STATEMENTS = `${root}test/conformance/statements/`;
const VERSIONS = [
  { title: 'MQTT 5.0', prefix: '', statements: json('mqtt5.json') },
  { title: 'MQTT 3.1.1', prefix: 'v3 ', statements: json('mqtt311.json') },
];
/** A string that ends in numbers: the name of a test, or a row of a table of tests. */
const NAMED = /(['"`])((?:(?!\1)[^\\\n]|\\.)*?) ?\[((?:v3 )?MQTT-[^\]\n]*)\]\1/g;

/** The page, and what is wrong: a statement without test and reason, a test that names a statement which does not exist. */
export function conformance() {
  const tests = testFiles().flatMap(namedTests);
  const pending = new Set(json('pending.json'));
  const known = new Set(VERSIONS.flatMap(({ prefix, statements }) => Object.keys(statements).map((number) => prefix + number)));
  const problems = [
    ...tests.filter(({ number }) => !known.has(number)).map(({ number, file, name }) => `${file}: "${name}" names ${number}: unknown`),
    ...[...pending].filter((number) => !known.has(number)).map((number) => `pending.json names ${number}: unknown`),
  ];
  const parts = VERSIONS.map((version) => {
    const { title, prefix, statements } = version;
    const rows = Object.entries(statements).map(([number, statement]) => {
      const holding = testsThatHold(number, version, tests);
      const verdict = verdictOf(statement, holding, pending.has(prefix + number));
      if (verdict === undefined) problems.push(`${prefix}${number}: no test names it, and no reason is given`);
      return { number, words: statement.words, holding, verdict: verdict ?? 'none' };
    });
    return { title, rows };
  });
  return { page: pageOf(parts), problems };
}

/** Each statement that tests hold, those of 3.1.1 with "v3 " before the number, and these tests: `{ number, file, name }`, the number as they name it. */
export function heldStatements() {
  const tests = testFiles().flatMap(namedTests);
  return VERSIONS.flatMap((version) =>
    Object.keys(version.statements).map((number) => [version.prefix + number, testsThatHold(number, version, tests)]),
  ).filter(([, holding]) => holding.length > 0);
}

function testsThatHold(number, { prefix, statements }, tests) {
  const { as } = statements[number];
  return tests.filter((test) => test.number === prefix + number || (test.number === as && test.bothLevels));
}

/** The numbers that a test's name holds. */
export function statementsIn(name) {
  return [...name.matchAll(/\[((?:v3 )?MQTT-[^\]]*)\]/g)].flatMap(([, numbers]) => numbers.split(',').map((number) => number.trim()));
}

function json(name) {
  return JSON.parse(readFileSync(`${STATEMENTS}${name}`, 'utf8'));
}

function testFiles() {
  const all = ['apps', 'libs', 'test'].flatMap((folder) =>
    readdirSync(`${root}${folder}`, { recursive: true }).map((name) => `${folder}/${name}`),
  );
  return all.filter((name) => name.endsWith('.test.ts') && !/node_modules|\/dist\//.test(name)).sort();
}

function namedTests(file) {
  const text = readFileSync(`${root}${file}`, 'utf8');
  return [...text.matchAll(NAMED)].flatMap(({ index, 2: name, 3: numbers }) =>
    numbers
      .split(',')
      .map((number) => ({ number: number.trim(), file, name: name.trim(), bothLevels: runsAtBothLevels(file, text, index) })),
  );
}

/** Such a test holds 3.1.1's own number too: what it tests knows no level, or its block is for both by the block's first line. */
function runsAtBothLevels(file, text, index) {
  if (/^libs\/mqtt\/src\/(router|topics)\//.test(file)) return true;
  const before = text.slice(0, text.indexOf('\n', index)).split('\n');
  const top = before.findLast((line) => /^[a-z]/.test(line)) ?? '';
  return /\[4, 5\]|\bBOTH/.test(top) || before[before.length - 1].includes('[4, 5]');
}

function verdictOf({ notTestable, deviation }, holding, isPending) {
  if (deviation !== undefined) return `deviation: [decision ${deviation}](decisions/${decisionFile(deviation)})`;
  if (holding.length > 0) return 'held';
  if (notTestable !== undefined) return `not testable: ${notTestable}`;
  return isPending ? 'pending' : undefined;
}

function decisionFile(number) {
  const file = readdirSync(`${root}docs/decisions`).find((name) => name.startsWith(`${number}-`));
  if (file === undefined) throw new Error(`there is no decision ${number}`);
  return file;
}

const cell = (text) => text.replaceAll('|', '\\|').replaceAll('<', '&lt;').replace(/[*_]/g, '\\$&');

function pageOf(parts) {
  const verdicts = ['held', 'not testable', 'deviation', 'pending'];
  const counts = parts.map(({ title, rows }) => {
    const each = verdicts.map((verdict) => rows.filter((row) => row.verdict.startsWith(verdict)).length);
    return `| ${title} | ${rows.length} | ${each.join(' | ')} |`;
  });
  const tables = parts.map(({ title, rows }) => {
    const lines = rows.map(({ number, words, holding, verdict }) => {
      const tests = holding.map(({ file, name }) => `\`${file}\`: ${cell(name)}`);
      return `| ${number} | ${cell(words)} | ${[...new Set(tests)].join('<br>')} | ${verdict} |`;
    });
    return `## ${title}\n\n| statement | in our words | tests | verdict |\n|---|---|---|---|\n${lines.join('\n')}\n`;
  });
  return `# Conformance

Every normative statement of both specifications, and the tests that hold it. Generated from \`test/conformance/statements\` and the
names of the tests (\`npm run docs\`). A test that runs at both protocol levels names the number of 5.0; 3.1.1's own number follows from it.

| | statements | ${verdicts.join(' | ')} |
|---|---|---|---|---|---|
${counts.join('\n')}

${tables.join('\n')}`;
}
