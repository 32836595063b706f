import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { BackingServiceError } from './backing-service-error.js';

/** How to run Postgres's programs, which refuse to run as root. */
export interface PostgresUser {
  /** Whom the data folder must belong to; undefined: whoever runs this. */
  owner?: { uid: number; gid: number };
  command(program: string, args: string[]): { command: string; args: string[]; user?: { uid: number; gid: number } };
}

/**
 * Nobody special, unless this is root (containers): then the system's `postgres` or `nobody`.
 * When that user cannot reach the folders (a clone under /root), util-linux's setpriv lets it pass through them, and through nothing else's permissions of Postgres.
 * @throws BackingServiceError when none of these ways is open.
 */
export function postgresUser(program: string, dataDir: string): PostgresUser {
  if (process.getuid?.() !== 0) return { command: (command, args) => ({ command, args }) };
  const owner = systemUser('postgres') ?? systemUser('nobody');
  if (owner === undefined) {
    throw new BackingServiceError(
      'folder_unreachable',
      'Postgres does not run as root, and there is no user postgres or nobody. Add one: useradd --system postgres',
    );
  }
  const direct = (command: string, args: string[]) => ({ command, args, user: owner });
  if (reaches(direct(program, ['--version'])) && reaches(direct('/bin/sh', ['-c', 'cd "$0"', dataDir]))) return { owner, command: direct };

  const reach = ['--inh-caps=+dac_override', '--ambient-caps=+dac_override'];
  const passing = (command: string, args: string[]) => ({
    command: 'setpriv',
    args: [`--reuid=${owner.uid}`, `--regid=${owner.gid}`, '--clear-groups', ...reach, '--', command, ...args],
  });
  if (reaches(passing(program, ['--version']))) return { owner, command: passing };
  throw new BackingServiceError(
    'folder_unreachable',
    `Postgres does not run as root, and user ${owner.uid} cannot reach ${program} or ${dataDir}. Run milepost as an ordinary user, or move the clone to where others may read it (not under /root).`,
  );
}

function reaches({ command, args, user }: ReturnType<PostgresUser['command']>): boolean {
  const { status, error } = spawnSync(command, args, { stdio: 'ignore', cwd: '/', ...user });
  return status === 0 && error === undefined;
}

function systemUser(name: string): { uid: number; gid: number } | undefined {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((entry) => entry.startsWith(`${name}:`));
  const [, , uid, gid] = line?.split(':') ?? [];
  return uid === undefined || gid === undefined ? undefined : { uid: Number(uid), gid: Number(gid) };
}
