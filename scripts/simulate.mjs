// `npm run simulate:presence`: installs and builds what is missing, then lets a day pass in virtual time.
import { spawnSync } from 'node:child_process';
import { checkOptions } from './check-before-build.mjs';
import { ensureBuilt, ensureInstalled, ensureNode, root } from './prepare.mjs';

ensureNode();
ensureInstalled();
await checkOptions('test/simulation/options.ts');
ensureBuilt('tsconfig.json');
const { status } = spawnSync(process.execPath, ['node_modules/.cache/tests/test/simulation/main.js', ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
});
process.exit(status ?? 1);
