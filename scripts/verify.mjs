// `npm run verify`: types, lint, boundaries and unit tests, side by side where they can be. Installs what is missing.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { failedTests } from './failed-tests.mjs';
import { ensureInstalled, ensureNode, root } from './prepare.mjs';

ensureNode();
ensureInstalled();

const node = (script, ...args) => ({ command: process.execPath, args: [`node_modules/${script}`, ...args] });
const report = 'node_modules/.cache/milepost/verify-results.json';
rmSync(`${root}${report}`, { force: true });
const checks = [
  { name: 'types', ...node('typescript/bin/tsc', '-b') },
  {
    name: 'unit tests',
    ...node('vitest/vitest.mjs', 'run', '--project', 'unit', '--reporter=dot', '--reporter=json', `--outputFile.json=${report}`),
  },
  { name: 'promise rules', ...node('eslint/bin/eslint.js', '--cache', '--cache-location', 'node_modules/.cache/eslint/', '.') },
  {
    name: 'boundaries',
    ...node('dependency-cruiser/bin/dependency-cruise.mjs', '--config', '.dependency-cruiser.cjs', 'apps', 'libs', 'test'),
  },
  { name: 'format and lint', ...node('@biomejs/biome/bin/biome', 'check', '.') },
  { name: 'generated documentation', command: process.execPath, args: ['scripts/generate-docs.mjs', '--check'], after: 'types' },
];

const results = new Map();
const waiting = [...checks];

await new Promise((done) => {
  let running = 0;
  const next = () => {
    if (waiting.length === 0 && running === 0) return done();
    while (running < Math.max(2, availableParallelism())) {
      const index = waiting.findIndex((check) => check.after === undefined || results.has(check.after));
      if (index < 0) return;
      const [check] = waiting.splice(index, 1);
      running += 1;
      const started = performance.now();
      const chunks = [];
      const child = spawn(check.command, check.args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
      child.stdout.on('data', (chunk) => chunks.push(chunk));
      child.stderr.on('data', (chunk) => chunks.push(chunk));
      child.on('close', (code) => {
        running -= 1;
        results.set(check.name, code === 0);
        const seconds = ((performance.now() - started) / 1000).toFixed(1);
        process.stdout.write(`${code === 0 ? 'ok  ' : 'FAIL'} ${check.name} (${seconds} s)\n`);
        if (code !== 0) process.stdout.write(Buffer.concat(chunks));
        next();
      });
    }
  };
  next();
});

// Once more at the end, where many lines of what each check printed have passed by.
if (results.get('unit tests') === false && existsSync(`${root}${report}`)) {
  for (const line of failedTests(JSON.parse(readFileSync(`${root}${report}`, 'utf8')), root)) process.stdout.write(`failed: ${line}\n`);
}
const failed = [...results.values()].filter((ok) => !ok).length;
process.stdout.write(failed === 0 ? 'verify: all checks passed\n' : `verify: ${failed} of ${results.size} checks failed\n`);
process.exit(failed === 0 ? 0 : 1);
