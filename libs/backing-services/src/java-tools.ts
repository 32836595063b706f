import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { BackingServiceError } from './backing-service-error.js';

const LEAST_JAVA = 17;

const alternative = 'Or set KAFKA_BROKERS to use a Kafka that you have.';

/** The java command. @throws BackingServiceError when there is none, or one that is too old for Kafka 4. */
export function findJava(environment: NodeJS.ProcessEnv): string {
  const java = environment.JAVA_HOME ? join(environment.JAVA_HOME, 'bin', 'java') : 'java';
  const { error, stderr, status } = spawnSync(java, ['-version'], { encoding: 'utf8', env: environment });
  const install = `Install Java ${LEAST_JAVA} or later (Debian, Ubuntu: apt-get install openjdk-17-jre-headless; macOS: brew install openjdk). ${alternative}`;
  if (error || status !== 0) {
    throw new BackingServiceError('java_missing', `The embedded Kafka needs Java, and "${java} -version" does not run. ${install}`, {
      cause: error,
    });
  }
  const version = javaVersion(stderr);
  if (version !== undefined && version < LEAST_JAVA) {
    throw new BackingServiceError(
      'java_missing',
      `The embedded Kafka needs Java ${LEAST_JAVA}; "${java}" is version ${version}. ${install}`,
    );
  }
  return java;
}

/** Java finds no file whose name is not ASCII unless the locale says UTF-8: what it asks for then is called `?`. */
export function withUtf8Names(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const locale = environment.LC_ALL || environment.LC_CTYPE || environment.LANG || '';
  return /utf-?8/i.test(locale) ? environment : { ...environment, LC_ALL: 'C.UTF-8' };
}

/** `openjdk version "17.0.15" …` → 17; the old `"1.8.0_292"` → 8; undefined when it says something else. */
export function javaVersion(output: string): number | undefined {
  const match = /version "(?:1\.)?(\d+)/.exec(output);
  return match ? Number(match[1]) : undefined;
}

/** The mvn command. @throws BackingServiceError when there is none. */
export function findMaven(environment: NodeJS.ProcessEnv): string {
  const { error, status } = spawnSync('mvn', ['-version'], { stdio: 'ignore', env: environment });
  if (!error && status === 0) return 'mvn';
  throw new BackingServiceError(
    'maven_missing',
    `The embedded Kafka is fetched with Maven once, and "mvn -version" does not run. Install Maven (Debian, Ubuntu: apt-get install maven; macOS: brew install maven). ${alternative}`,
    { cause: error },
  );
}
