import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { accessSync, constants, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { BackingServiceError } from './backing-service-error.js';
import { findMaven } from './java-tools.js';

const TIMEOUT_MS = 300_000;

export interface KafkaJarsOptions {
  pomFile: string;
  /** Used when the user's cache folder cannot be written. */
  fallbackDir: string;
  environment: NodeJS.ProcessEnv;
  log: (line: string) => void;
}

/**
 * The folder with Kafka's jars, fetched with Maven when it is not there yet. All clones of a user share it.
 * The folder appears by a rename when it is complete: of two starts at once one wins, and both find it.
 */
export async function kafkaJars({ pomFile, fallbackDir, environment, log }: KafkaJarsOptions): Promise<string> {
  const pom = readFileSync(pomFile, 'utf8');
  const version = /<kafka\.version>([^<]+)</.exec(pom)?.[1] ?? 'unknown';
  const name = `kafka-${version}-${createHash('sha256').update(pom).digest('hex').slice(0, 8)}`;
  const cacheDir = writableDir(join(environment.XDG_CACHE_HOME || join(homedir(), '.cache'), 'milepost')) ?? fallbackDir;
  const jars = join(cacheDir, name);
  if (existsSync(jars)) return jars;

  const maven = findMaven(environment);
  log(`Kafka ${version}: fetching its jars with Maven into ${jars}`);
  mkdirSync(cacheDir, { recursive: true });
  const incomplete = mkdtempSync(join(cacheDir, `${name}.incomplete-`));
  try {
    const goal = ['dependency:copy-dependencies', `-DoutputDirectory=${incomplete}`, '-DincludeScope=runtime'];
    await promisify(execFile)(maven, ['-q', '-B', '-f', pomFile, ...goal], { env: environment, timeout: TIMEOUT_MS });
    renameSync(incomplete, jars);
  } catch (error) {
    rmSync(incomplete, { recursive: true, force: true });
    if (existsSync(jars)) return jars;
    const { stdout = '', message } = error as Error & { stdout?: string };
    const said = stdout.trim().split('\n').slice(0, 8).join('\n') || message;
    throw new BackingServiceError(
      'download_failed',
      `Maven could not fetch Kafka ${version}. Check the network and ~/.m2/settings.xml, or set KAFKA_BROKERS to use a Kafka that you have.\n${said}`,
      { cause: error },
    );
  }
  return jars;
}

function writableDir(dir: string): string | undefined {
  try {
    mkdirSync(dir, { recursive: true });
    accessSync(dir, constants.W_OK);
    return dir;
  } catch {
    return undefined;
  }
}
