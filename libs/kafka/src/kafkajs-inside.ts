import { createRequire } from 'node:module';

/** A module inside of kafkajs 2.2.4, by its path below `src`; undefined where there is none. What is in it is the caller's to check. */
export function kafkaJsInside<T>(path: string): T | undefined {
  try {
    return createRequire(import.meta.url)(`kafkajs/src/${path}`) as T;
  } catch {
    return undefined;
  }
}
