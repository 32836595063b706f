// What every script needs first: a Node that is new enough, the packages of the lock file, the build.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));

/** Runs a command with its output shown, and ends this process when it fails. */
export function run(command, args, options = {}) {
  const result = spawnSync(command, args, { cwd: root, stdio: 'inherit', ...options });
  if (result.error) fail(`${command} could not be started: ${result.error.message}`);
  if (result.status !== 0) fail(`${command} ${args.join(' ')} failed (exit code ${result.status ?? result.signal})`);
  return result;
}

export function fail(message, code = 1) {
  process.stderr.write(`milepost: ${message}\n`);
  process.exit(code);
}

export function ensureNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) fail(`Node ${process.versions.node} is too old: milepost needs 20.19 or newer.`);
}

/** `npm ci` when there are no packages, or when they are not those of the lock file. */
export function ensureInstalled() {
  if (installedMatchesLock()) return;
  process.stdout.write('milepost: installing packages (npm ci; a minute or two the first time)\n');
  run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
}

function installedMatchesLock() {
  const installed = `${root}node_modules/.package-lock.json`;
  if (!existsSync(installed)) return false;
  const packagesOf = (file) => JSON.parse(readFileSync(file, 'utf8')).packages ?? {};
  const wanted = packagesOf(`${root}package-lock.json`);
  const present = packagesOf(installed);
  return Object.entries(wanted).every(
    ([path, { version, optional, link }]) =>
      path === '' || link || optional || !path.includes('node_modules') || present[path]?.version === version,
  );
}

export function ensureBuilt(project = 'tsconfig.build.json') {
  const isFirst = !existsSync(`${root}apps/stack/dist/main.js`);
  process.stdout.write(`milepost: building${isFirst ? ' (a minute or two the first time)' : ''}\n`);
  run(process.execPath, ['node_modules/typescript/bin/tsc', '-b', project]);
}
