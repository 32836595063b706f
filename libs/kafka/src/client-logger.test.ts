import type { Logger } from '@milepost/runtime';
import { logLevel } from 'kafkajs';
import { expect, test } from 'vitest';
import { clientLogger } from './client-logger.js';

function listening() {
  const clock = { nowMs: 0 };
  const lines: string[] = [];
  const note = (level: string) => (context: { heldBack?: number }, message: string) =>
    void lines.push([level, message, context.heldBack ?? ''].join(' ').trim());
  const logger = { debug: note('debug'), warn: note('warn') } as unknown as Logger;
  const client = clientLogger(logger, () => clock.nowMs)(logLevel.INFO);
  const say = (level: logLevel, message: string, context: object = {}) =>
    client({ level, namespace: 'Connection', label: '', log: { message, timestamp: '', ...context } });
  return { clock, lines, say };
}

test('a complaint that is repeated is said every ten seconds, with how often it was held back', () => {
  const { clock, lines, say } = listening();
  for (const nowMs of [0, 1_000, 2_000, 10_000]) {
    clock.nowMs = nowMs;
    say(logLevel.ERROR, 'Connection error');
  }
  expect(lines).toEqual(['warn Connection error 0', 'warn Connection error 2']);
});

test('a crash of a consumer is left to its owner to say', () => {
  const { lines, say } = listening();
  say(logLevel.ERROR, 'Crash: KafkaJSNumberOfRetriesExceeded: The coordinator is loading', { stack: 'Error: …' });
  expect(lines).toEqual(['debug Crash: KafkaJSNumberOfRetriesExceeded: The coordinator is loading']);
});

test('a coordinator that is not up yet, as in a new Kafka, is no complaint; another refusal is', () => {
  const { lines, say } = listening();
  say(logLevel.ERROR, 'Response JoinGroup', { error: "The coordinator is loading and hence can't process requests for this group" });
  say(logLevel.ERROR, 'Response JoinGroup', { error: 'Not authorized to access group' });
  expect(lines).toEqual(['debug Response JoinGroup', 'warn Response JoinGroup 0']);
});
