// `npm run chaos`: installs and builds what is missing, then runs test/chaos, faults under load.
import { spawnSync } from 'node:child_process';
import { checkOptions } from './check-before-build.mjs';
import { ensureBuilt, ensureInstalled, ensureNode, root } from './prepare.mjs';

const [first, ...rest] = process.argv.slice(2);
const [folder, options] = first === '--sabotage' ? ['test/chaos/sabotage', rest] : ['test/chaos', process.argv.slice(2)];
ensureNode();
ensureInstalled();
await checkOptions(`${folder}/options.ts`, options);
ensureBuilt('tsconfig.json');
const command = ['--enable-source-maps', `node_modules/.cache/tests/${folder}/main.js`, ...options];
const { status } = spawnSync(process.execPath, command, { cwd: root, stdio: 'inherit' });
process.exit(status ?? 1);
