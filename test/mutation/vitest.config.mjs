import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const conditions = ['source', 'node'];

/** The unit tests of libs/mqtt alone: what `npm run mutate` asks of each mutant. */
export default defineConfig({
  resolve: {
    conditions,
    alias: [
      { find: /^fast-check$/, replacement: fileURLToPath(new URL('brief-fast-check.mjs', import.meta.url)) },
      { find: /^fast-check-whole$/, replacement: 'fast-check' },
    ],
  },
  ssr: { resolve: { conditions } },
  test: {
    include: ['libs/mqtt/src/**/*.test.ts'],
    isolate: false,
    // A mutant that never ends is the mutation tester's to stop; a busy machine is no reason to.
    testTimeout: 60_000,
    setupFiles: ['test/mutation/brief-errors.mjs'],
    chaiConfig: { showDiff: false },
  },
});
