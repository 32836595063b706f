import { describe, expect, test } from 'vitest';
import { findJava, javaVersion, withUtf8Names } from './java-tools.js';

describe('java', () => {
  test.each([
    ['openjdk version "17.0.15" 2025-04-15', 17],
    ['java version "1.8.0_292"', 8],
    ['openjdk version "21" 2023-09-19', 21],
  ])('%s is version %i', (output, version) => {
    expect(javaVersion(output)).toBe(version);
  });

  test('missing is an error that says what to install, and the way without it', () => {
    expect(() => findJava({ JAVA_HOME: '/nowhere' })).toThrow(/Install Java 17 or later.*KAFKA_BROKERS/);
  });

  test.each([
    [{}, 'C.UTF-8'],
    [{ LANG: 'de_DE.UTF-8' }, undefined],
    [{ LANG: 'C.utf8' }, undefined],
    [{ LANG: 'de_DE.UTF-8', LC_ALL: 'POSIX' }, 'C.UTF-8'],
  ])('is told of names in UTF-8 where %j does not say so', (environment: NodeJS.ProcessEnv, lcAll) => {
    expect(withUtf8Names(environment).LC_ALL).toBe(lcAll);
  });
});
