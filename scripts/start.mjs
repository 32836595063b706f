// `npm start`: installs what is missing, builds, and becomes the stack. Plain JavaScript: it runs before anything is installed.
import { checkBeforeBuild } from './check-before-build.mjs';
import { ensureBuilt, ensureInstalled, ensureNode } from './prepare.mjs';

ensureNode();
ensureInstalled();
await checkBeforeBuild();
ensureBuilt();
await import('../apps/stack/dist/main.js');
