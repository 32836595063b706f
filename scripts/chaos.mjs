// `npm run chaos`: installs and builds what is missing, and becomes test/chaos, faults under load.
import { checkOptions } from './check-before-build.mjs';
import { refuseKeptByNpm } from './kept-by-npm.mjs';
import { ensureBuilt, ensureInstalled, ensureNode } from './prepare.mjs';

const place = process.argv.indexOf('--sabotage', 2);
const sabotage = place > 0;
if (sabotage) process.argv.splice(place, 1);
const folder = sabotage ? 'test/chaos/sabotage' : 'test/chaos';
ensureNode();
refuseKeptByNpm(`${folder}/options.ts`);
ensureInstalled();
checkOptions(`${folder}/options.ts`);
ensureBuilt('tsconfig.json');
process.setSourceMapsEnabled(true);
// In this process: a signal to it must not leave another one behind that runs for an hour.
await import(`../node_modules/.cache/tests/${folder}/main.js`);
