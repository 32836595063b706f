// `npm run broker:conformance`: installs and builds what is missing, and becomes the conformance broker.
import { ensureBuilt, ensureInstalled, ensureNode } from './prepare.mjs';

ensureNode();
ensureInstalled();
ensureBuilt('apps/broker/tsconfig.json');
await import('../apps/broker/dist/conformance.js');
