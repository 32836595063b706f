import { execFile, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Door } from '../../integration/black-box/doors.js';

const HERE = resolve('test/interop/paho');
const TIMEOUT_MS = 60_000;

export type Behaviour =
  | 'every_quality_of_service'
  | 'retained'
  | 'session'
  | 'will'
  | 'many_in_flight'
  | 'properties'
  | 'shared'
  | 'refused'
  | 'position';

/** A door for a vehicle: `DIR/VEHICLE.crt` and `.key`. */
export interface PahoDoor extends Door {
  certificate?: string;
  key?: string;
  clientId?: string;
}

/**
 * The Python that has paho-mqtt: an environment of its own below `node_modules/.cache`, made once.
 *
 * @throws with what to install when Python or its venv module is not there: these tests are never skipped.
 */
export function installPaho(): string {
  const environment = resolve('node_modules/.cache/milepost/paho');
  const python = join(environment, 'bin/python');
  const wanted = join(HERE, 'requirements.txt');
  const installed = join(environment, 'requirements.txt');
  if (existsSync(installed) && readFileSync(installed, 'utf8') === readFileSync(wanted, 'utf8')) return python;
  mkdirSync(resolve(environment, '..'), { recursive: true });
  run('python3', ['-m', 'venv', '--clear', environment], 'Install Python 3 with venv: apt-get install python3-venv (Debian).');
  run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--requirement', wanted], 'PyPI has to be reachable.');
  copyFileSync(wanted, installed);
  return python;
}

/** @throws with what the client saw when the behaviour is another. */
export function behaves(python: string, behaviour: Behaviour, door: PahoDoor, version: 4 | 5): Promise<void> {
  return new Promise((done, fail) => {
    const args = [join(HERE, 'black_box.py'), behaviour, JSON.stringify(door), String(version)];
    execFile(python, args, { timeout: TIMEOUT_MS }, (error, stdout, stderr) => {
      if (error === null) done();
      else fail(new Error(`${behaviour}: ${stdout}${stderr || error.message}`));
    });
  });
}

function run(program: string, args: readonly string[], remedy: string): void {
  const { error, status, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  if (error !== undefined || status !== 0) throw new Error(`${program} ${args.join(' ')}: ${error?.message ?? stderr}\n${remedy}`);
}
