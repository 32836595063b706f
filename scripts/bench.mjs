// `npm run bench`, `npm run bench:broker`: installs and builds what is missing, then runs test/bench/pipeline or test/bench/broker.
import { spawnSync } from 'node:child_process';
import { ensureBuilt, ensureInstalled, ensureNode, root } from './prepare.mjs';

const [room, ...options] = process.argv.slice(2);
ensureNode();
ensureInstalled();
ensureBuilt('tsconfig.json');
const { status } = spawnSync(process.execPath, [`node_modules/.cache/tests/test/bench/${room}/main.js`, ...options], {
  cwd: root,
  stdio: 'inherit',
});
process.exit(status ?? 1);
