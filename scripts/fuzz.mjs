// `npm run fuzz -- --seconds N`: installs and builds what is missing, then runs test/fuzz against the decoder and a broker.
import { spawnSync } from 'node:child_process';
import { checkOptions } from './check-before-build.mjs';
import { ensureBuilt, ensureInstalled, ensureNode, root } from './prepare.mjs';

ensureNode();
ensureInstalled();
await checkOptions('test/fuzz/options.ts');
ensureBuilt('tsconfig.json');
// The garbage collector can be called, so that memory that is only not yet collected does not count as growth.
const command = ['--expose-gc', 'node_modules/.cache/tests/test/fuzz/main.js', ...process.argv.slice(2)];
const { status } = spawnSync(process.execPath, command, { cwd: root, stdio: 'inherit' });
process.exit(status ?? 1);
