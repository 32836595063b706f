// `npm run bench`, `npm run bench:broker` and so on: installs and builds what is missing, then runs the room of test/bench that is named.
import { checkOptions } from './check-before-build.mjs';
import { refuseKeptByNpm } from './kept-by-npm.mjs';
import { ensureBuilt, ensureInstalled, ensureNode } from './prepare.mjs';
import { runProgram } from './run-program.mjs';

const [room, ...options] = process.argv.slice(2);
ensureNode();
refuseKeptByNpm(`test/bench/${room}/options.ts`, options);
ensureInstalled();
await checkOptions(`test/bench/${room}/options.ts`, options);
ensureBuilt('tsconfig.json');
await runProgram([`node_modules/.cache/tests/test/bench/${room}/main.js`, ...options]);
