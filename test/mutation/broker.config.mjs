import { defineConfig } from 'vitest/config';
import { brokerTestFiles } from '../../scripts/mutation/broker-proofs.mjs';

const conditions = ['source', 'node'];

/** The broker's tests that hold what no test of libs/mqtt does: what `npm run mutate -- --broker` asks of each mutant. */
export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: brokerTestFiles(),
    isolate: false,
    // A broken broker often says nothing: the test that waits for it has to fail by itself, or nobody learns its name.
    testTimeout: 2_000,
    expect: { poll: { timeout: 1_000 } },
    setupFiles: ['test/mutation/brief-errors.mjs', 'test/support/src/unit-setup.ts'],
    chaiConfig: { showDiff: false },
  },
});
