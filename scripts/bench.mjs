// `npm run bench`, `npm run bench:broker` and so on: installs and builds what is missing, then runs the room of test/bench that is named.
import { spawnSync } from 'node:child_process';
import { checkOptions } from './check-before-build.mjs';
import { ensureBuilt, ensureInstalled, ensureNode, root } from './prepare.mjs';

const [room, ...options] = process.argv.slice(2);
ensureNode();
ensureInstalled();
await checkOptions(`test/bench/${room}/options.ts`, options);
ensureBuilt('tsconfig.json');
const { status } = spawnSync(process.execPath, [`node_modules/.cache/tests/test/bench/${room}/main.js`, ...options], {
  cwd: root,
  stdio: 'inherit',
});
process.exit(status ?? 1);
