// `npm start`: installs what is missing, builds, and becomes the stack. Plain JavaScript: it runs before anything is installed.
import { checkBeforeBuild } from './check-before-build.mjs';
import { refuseKeptByNpm } from './kept-by-npm.mjs';
import { ensureBuilt, ensureInstalled, ensureNode } from './prepare.mjs';

ensureNode();
refuseKeptByNpm('apps/stack/src/options.ts');
ensureInstalled();
checkBeforeBuild();
ensureBuilt();
await import('../apps/stack/dist/main.js');
