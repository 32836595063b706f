import { Stryker } from '@stryker-mutator/core';

/**
 * The mutants of these files, or of these ranges of lines, each with its verdict.
 *
 * @param tests the vitest configuration: which tests are asked
 */
export function tested(mutate, tests, options) {
  const stryker = new Stryker({
    mutate,
    testRunner: 'vitest',
    vitest: { configFile: tests, related: false },
    coverageAnalysis: 'perTest',
    // What an error says to people is not tested.
    mutator: { excludedMutations: ['StringLiteral'] },
    // On a busy machine a mutant that is only slow must not count as one that never ends.
    timeoutMS: 15_000,
    reporters: ['progress-append-only'],
    logLevel: 'warn',
    ...options,
  });
  return stryker.runMutationTest();
}

/** Where a mutant is, and what it does, on one line. */
export function described({ fileName, location: { start }, mutatorName, replacement }, root) {
  return `${fileName.replace(root, '')}:${start.line}:${start.column} ${mutatorName} → ${replacement.replace(/\s+/g, ' ')}`;
}
