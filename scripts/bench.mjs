// `npm run bench`: installs and builds what is missing, then runs test/bench/pipeline.
import { spawnSync } from 'node:child_process';
import { ensureBuilt, ensureInstalled, ensureNode, root } from './prepare.mjs';

ensureNode();
ensureInstalled();
ensureBuilt('tsconfig.json');
const { status } = spawnSync(process.execPath, ['node_modules/.cache/tests/test/bench/pipeline/main.js', ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
});
process.exit(status ?? 1);
