import { defineConfig } from 'vitest/config';

const conditions = ['source', 'node'];

/** The unit tests of libs/mqtt alone: what `npm run mutate` asks of each mutant. */
export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: { include: ['libs/mqtt/src/**/*.test.ts'], isolate: false },
});
