import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

// Packages are entered by their source while testing: no build is needed before a unit test.
const conditions = ['source', 'node'];
// A second is the default: a machine that runs several brokers and a Kafka at a time takes longer, and what is polled for is a state, not a speed.
const patient = { poll: { timeout: 20_000 } };
const shared = { resolve: { conditions }, ssr: { resolve: { conditions } } };

export default defineConfig({
  test: {
    // Tests with real services wait more than they compute: more of them at a time than there are cores.
    maxWorkers: Math.max(3, availableParallelism()),
    projects: [
      {
        ...shared,
        test: {
          name: 'unit',
          include: [
            'apps/*/src/**/*.test.ts',
            'libs/*/src/**/*.test.ts',
            'test/bench/**/*.test.ts',
            'test/fuzz/*.test.ts',
            'test/chaos/**/*.test.ts',
            'test/simulation/*.test.ts',
            'scripts/**/*.test.mjs',
          ],
          expect: patient,
          // Property and key-pair tests compute for a second or two: on a machine that others use too, that is ten times as long.
          testTimeout: 60_000,
          isolate: false,
          // Files share a process, and Node loads TLS lazily. In one run it stood there half loaded (the cause is not known): whole, and first.
          setupFiles: ['test/support/src/unit-setup.ts'],
        },
      },
      {
        ...shared,
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          globalSetup: ['test/support/src/global-setup.ts'],
          expect: patient,
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        ...shared,
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          globalSetup: ['test/support/src/global-setup.ts'],
          expect: patient,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        ...shared,
        test: {
          name: 'interop',
          include: ['test/interop/**/*.test.ts'],
          globalSetup: ['test/support/src/global-setup.ts'],
          expect: patient,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
