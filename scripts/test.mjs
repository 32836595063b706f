// `npm test`: unit, integration and end-to-end tests against real Kafka and Postgres. Installs and builds what is missing.
// `npm run test:interop` runs the tests with clients from outside Node. Further arguments go to vitest.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { ensureBuilt, ensureInstalled, ensureNode, fail, root } from './prepare.mjs';

const [first, ...rest] = process.argv.slice(2);
const interop = first === 'interop';
const projects = interop ? ['interop'] : ['unit', 'integration', 'e2e'];
const extra = interop ? rest : process.argv.slice(2);

ensureNode();
ensureInstalled();
ensureBuilt('tsconfig.json');

const report = `${root}node_modules/.cache/milepost/${interop ? 'interop' : 'test'}-results.json`;
mkdirSync(new URL('.', `file://${report}`), { recursive: true });
const result = spawnSync(
  process.execPath,
  [
    'node_modules/vitest/vitest.mjs',
    'run',
    ...projects.flatMap((name) => ['--project', name]),
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
    ...extra,
  ],
  { cwd: root, stdio: 'inherit' },
);
if (result.error) fail(`vitest could not be started: ${result.error.message}`);

const { numPassedTests, numFailedTests, numTotalTestSuites } = JSON.parse(readFileSync(report, 'utf8'));
process.stdout.write(`\n${numPassedTests} tests passed, ${numFailedTests} failed, in ${numTotalTestSuites} suites\n`);
process.exit(result.status ?? 1);
