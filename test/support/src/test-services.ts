import { inject } from 'vitest';

/** What the global setup started, or was given, for this run. */
export interface TestServices {
  /** Names of everything that the run makes begin with it; what is left over is removed by it. */
  runId: string;
  /** For files of the run; removed at its end. */
  runDir: string;
  kafkaBrokers: string[];
  /** The owner of the Postgres cluster, who may make databases. */
  ownerUrl: string;
  /** A migrated database that is copied for each test file. */
  templateDatabase: string;
}

declare module 'vitest' {
  interface ProvidedContext {
    milepost: TestServices;
  }
}

/** @throws outside of a project whose globalSetup is test/support/src/global-setup.ts. */
export function testServices(): TestServices {
  const services = inject('milepost');
  if (services === undefined) throw new Error('No backing services: this test belongs into test/integration, test/e2e or test/interop.');
  return services;
}
