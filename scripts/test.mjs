// `npm test`: unit, integration and end-to-end tests against real Kafka and Postgres. Installs and builds what is missing.
// `npm run test:interop` runs the tests with clients from outside Node. Further arguments go to vitest.
import { ensureBuilt, ensureInstalled, ensureNode, root } from './prepare.mjs';
import { runVitest } from './run-vitest.mjs';

const [first, ...rest] = process.argv.slice(2);
const interop = first === 'interop';
const projects = interop ? ['interop'] : ['unit', 'integration', 'e2e'];
const extra = interop ? rest : process.argv.slice(2);

ensureNode();
ensureInstalled();
ensureBuilt('tsconfig.json');

const { status, counts } = runVitest(
  [...projects.flatMap((name) => ['--project', name]), ...extra],
  `${root}node_modules/.cache/milepost/${interop ? 'interop' : 'test'}-results.json`,
);
if (counts !== undefined) {
  const { numPassedTests, numFailedTests, numTotalTestSuites } = counts;
  process.stdout.write(`\n${numPassedTests} tests passed, ${numFailedTests} failed, in ${numTotalTestSuites} suites\n`);
}
process.exit(status);
