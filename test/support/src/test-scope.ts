import { afterAll } from 'vitest';
import { Cleanup } from './cleanup.js';
import { type OwnKafka, startOwnKafka } from './own-kafka.js';
import { type AppName, type StartAppOptions, startApp, type TestApp } from './test-app.js';
import { createTestDatabase, type TestDatabase } from './test-database.js';
import { createTestPki, type TestPki } from './test-pki.js';
import { createTestTopics, type TestTopics, type TestTopicsOptions } from './test-topics.js';

/** Makes what a test file needs and takes it away again, whatever the tests did. */
export interface TestScope {
  database(): Promise<TestDatabase>;
  topics(options?: TestTopicsOptions): Promise<TestTopics>;
  ownKafka(): Promise<OwnKafka>;
  pki(...options: Parameters<typeof createTestPki>): Promise<TestPki>;
  app(name: AppName, environment: Record<string, string>, options?: StartAppOptions): Promise<TestApp>;
  /** Anything else that must be closed. */
  onEnd(step: () => Promise<unknown> | unknown): void;
}

/** Call it where `afterAll` may be called: at the top of a file or a describe. */
export function useTestScope(): TestScope {
  const cleanup = new Cleanup();
  afterAll(() => cleanup.run());
  return {
    database: () => kept(createTestDatabase(), (database) => database.drop()),
    topics: (options) => kept(createTestTopics(options), (topics) => topics.remove()),
    ownKafka: () => kept(startOwnKafka(), (kafka) => kafka.remove()),
    pki: (...options) => kept(createTestPki(...options), (pki) => pki.remove()),
    app: (name, environment, options) => kept(startApp(name, environment, options), (app) => app.kill9()),
    onEnd: (step) => cleanup.add(step),
  };

  async function kept<T>(making: Promise<T>, end: (made: T) => Promise<unknown> | unknown): Promise<T> {
    const made = await making;
    cleanup.add(() => end(made));
    return made;
  }
}
