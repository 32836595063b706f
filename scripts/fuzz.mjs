// `npm run fuzz -- --seconds N`: installs and builds what is missing, then runs test/fuzz against the decoder and a broker.
import { checkOptions } from './check-before-build.mjs';
import { refuseKeptByNpm } from './kept-by-npm.mjs';
import { ensureBuilt, ensureInstalled, ensureNode } from './prepare.mjs';
import { runProgram } from './run-program.mjs';

ensureNode();
refuseKeptByNpm('test/fuzz/options.ts');
ensureInstalled();
checkOptions('test/fuzz/options.ts');
ensureBuilt('tsconfig.json');
// The garbage collector can be called, so that memory that is only not yet collected does not count as growth.
await runProgram(['--expose-gc', 'node_modules/.cache/tests/test/fuzz/main.js', ...process.argv.slice(2)]);
