// `npm run bench`, `npm run bench:broker` and so on: installs and builds what is missing, then runs the room of test/bench that is named.
import { existsSync, readdirSync } from 'node:fs';
import { checkOptions } from './check-before-build.mjs';
import { refuseKeptByNpm } from './kept-by-npm.mjs';
import { ensureBuilt, ensureInstalled, ensureNode, fail, root } from './prepare.mjs';
import { runProgram } from './run-program.mjs';

const [room, ...options] = process.argv.slice(2);
ensureNode();
refuseUnknownRoom();
refuseKeptByNpm(`test/bench/${room}/options.ts`, options);
ensureInstalled();
checkOptions(`test/bench/${room}/options.ts`, options);
ensureBuilt('tsconfig.json');
await runProgram([`node_modules/.cache/tests/test/bench/${room}/main.js`, ...options]);

function refuseUnknownRoom() {
  const rooms = readdirSync(`${root}test/bench`).filter((name) => existsSync(`${root}test/bench/${name}/options.ts`));
  if (rooms.includes(room)) return;
  const fault = room === undefined ? 'No room of test/bench is named' : `There is no room "${room}" in test/bench`;
  fail(`${fault}. Name one of ${rooms.sort().join(', ')}; behind it --help says what there is.`, 2);
}
