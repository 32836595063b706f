import { expect, test } from 'vitest';
import { connect, life, publish, subscribe, texts } from '../../broker-life.fixture.js';
import { MemoryLog } from '../../log/memory-log.js';
import { SUITE_LIMITS } from './suite-limits.js';

test.each([
  ['/'.repeat(65_535), '/'.repeat(65_535)],
  ['/'.repeat(65_535), `${'+/'.repeat(32_767)}#`],
])('a topic may have as many levels as its bytes can hold, retained or not, and so may a filter (case %#)', async (topic, filter) => {
  const broker = await life(new MemoryLog(), 1, { router: SUITE_LIMITS });
  const client = broker.plug();
  await client.send(connect('c'), publish(1, 'retained', { topic, retain: true }), subscribe(filter), publish(2, 'live', { topic }));
  expect(texts(client)).toEqual(['retained', 'live']);
});
