// `npm run simulate:presence`: installs and builds what is missing, then lets a day pass in virtual time.
import { checkOptions } from './check-before-build.mjs';
import { refuseKeptByNpm } from './kept-by-npm.mjs';
import { ensureBuilt, ensureInstalled, ensureNode } from './prepare.mjs';
import { runProgram } from './run-program.mjs';

ensureNode();
refuseKeptByNpm('test/simulation/options.ts');
ensureInstalled();
checkOptions('test/simulation/options.ts');
ensureBuilt('tsconfig.json');
await runProgram(['node_modules/.cache/tests/test/simulation/main.js', ...process.argv.slice(2)]);
