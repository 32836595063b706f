import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const MARK = 'MILEPOST_CHAOS_NAMESPACE';
const CHUNK = Buffer.alloc(4 * 1024 * 1024);

/** How a process may mount without anybody else seeing it: a mount namespace of its own, as root or in a user namespace. */
const unshare =
  process.getuid?.() === 0 ? ['--mount', '--propagation', 'private'] : ['--user', '--map-current-user', '--keep-caps', '--mount'];

/** True when this process has a mount namespace of its own (`inOwnNamespace` started it). */
export const hasOwnNamespace = (): boolean => process.env[MARK] === 'yes';

/** Why no namespace can be had here; undefined when one can. */
export function mountingForbidden(): string | undefined {
  const script = 'mount -t tmpfs -o size=1m milepost-chaos /tmp';
  const { status, stderr, error } = spawnSync('unshare', [...unshare, 'sh', '-c', script], { encoding: 'utf8' });
  if (status === 0) return undefined;
  return error?.message ?? (stderr.trim() || `unshare ended with ${status}`);
}

/** The same command again, where mounts are its own. */
export function inOwnNamespace(command: readonly string[]): { command: string; args: string[]; environment: NodeJS.ProcessEnv } {
  return { command: 'unshare', args: [...unshare, '--', ...command], environment: { ...process.env, [MARK]: 'yes' } };
}

/** A folder that holds no more than this; memory is its disk. */
export class LimitedDisk {
  readonly folder: string;

  constructor(folder: string, sizeMb: number) {
    this.folder = folder;
    mkdirSync(folder, { recursive: true });
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${sizeMb}m,mode=0755`, 'milepost-chaos', folder]);
  }

  /** Writes until nothing more fits. */
  fill(): void {
    const file = openSync(join(this.folder, 'ballast'), 'a');
    try {
      for (;;) if (writeSync(file, CHUNK) < CHUNK.length) break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    } finally {
      closeSync(file);
    }
  }

  /** What `fill` wrote is gone. */
  relieve(): void {
    rmSync(join(this.folder, 'ballast'), { force: true });
  }

  get freeMb(): number {
    const { bavail, bsize } = statfsSync(this.folder);
    return (bavail * bsize) / 1_048_576;
  }

  unmount(): void {
    execFileSync('umount', ['--lazy', this.folder]);
  }
}
