#!/usr/bin/env node
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const main = new URL('../dist/main.js', import.meta.url);
if (existsSync(main)) await import(main.href);
else {
  const workspace = fileURLToPath(new URL('../../../', import.meta.url));
  process.stderr.write(
    `milepost: nothing is built yet in ${workspace}. Run \`npm start\` there, which builds and starts everything, or \`npm ci && npm run build\`.\n`,
  );
  process.exitCode = 1;
}
