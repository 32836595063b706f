// `npm run chaos`: installs and builds what is missing, then runs test/chaos, faults under load.
import { spawnSync } from 'node:child_process';
import { ensureBuilt, ensureInstalled, ensureNode, root } from './prepare.mjs';

const [first, ...rest] = process.argv.slice(2);
const [main, options] = first === '--sabotage' ? ['sabotage/main.js', rest] : ['main.js', process.argv.slice(2)];
ensureNode();
ensureInstalled();
ensureBuilt('tsconfig.json');
const command = ['--enable-source-maps', `node_modules/.cache/tests/test/chaos/${main}`, ...options];
const { status } = spawnSync(process.execPath, command, { cwd: root, stdio: 'inherit' });
process.exit(status ?? 1);
