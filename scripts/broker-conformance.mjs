// `npm run broker:conformance`: installs and builds what is missing, and becomes the conformance broker.
import { refuseKeptByNpm } from './kept-by-npm.mjs';
import { ensureBuilt, ensureInstalled, ensureNode } from './prepare.mjs';

ensureNode();
refuseKeptByNpm('apps/broker/src/doors/conformance/options.ts');
ensureInstalled();
ensureBuilt('apps/broker/tsconfig.json');
await import('../apps/broker/dist/conformance.js');
