import type { Logger } from '@milepost/runtime';
import { type LogEntry, type logCreator, logLevel } from 'kafkajs';
import { passingWords } from './passing-words.js';

const REPEAT_MS = 10_000;
const MAX_REMEMBERED = 200;

// Each crash of a consumer reaches its owner, who says what comes of it (`kafka.consumer.crashed`, `.failed`).
const CRASH = /^Crash: /;

/**
 * kafkajs's own lines in our log. It repeats itself at every attempt while Kafka is away:
 * the same sentence is said at most every 10 s, with the number of times it was held back. What passes by itself is for debugging alone.
 */
export function clientLogger(logger: Logger, now: () => number = Date.now): logCreator {
  const said = new Map<string, { at: number; heldBack: number }>();
  return () =>
    ({ level, namespace, log }: LogEntry) => {
      const { message, timestamp: _timestamp, stack: _stack, logger: _logger, ...context } = log;
      if (level > logLevel.WARN || passingWords.has(context.error) || CRASH.test(message)) {
        logger.debug({ event: 'kafka.client.said', namespace, ...context }, message);
        return;
      }
      const key = `${namespace} ${message}`;
      const before = said.get(key);
      if (before && now() - before.at < REPEAT_MS) {
        before.heldBack += 1;
        return;
      }
      if (said.size >= MAX_REMEMBERED) said.clear();
      said.set(key, { at: now(), heldBack: 0 });
      logger.warn({ event: 'kafka.client.complained', namespace, heldBack: before?.heldBack ?? 0, ...context }, message);
    };
}
