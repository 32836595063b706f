import { topicPolicies } from '@milepost/contracts';
import { provisionTopics, verifyTopics } from '@milepost/kafka';
import { createLogger } from '@milepost/runtime';
import { type TestTopics, useTestScope } from '@milepost/test-support';
import { beforeAll, describe, expect, test } from 'vitest';

const logger = createLogger({ app: 'test', level: 'error' });
const scope = useTestScope();
let topics: TestTopics;

beforeAll(async () => {
  topics = await scope.topics({ partitions: 3 });
});

describe('topics', () => {
  test('are made once: a second call finds them', async () => {
    const again = await provisionTopics(topics.connection, { partitions: 3, logger });
    expect(again.map(({ topic }) => topic)).toEqual(topicPolicies.map(({ topic }) => topic));
    expect(again.every(({ created }) => !created)).toBe(true);
  });

  test('with another number of partitions than recorded are an error that names both', async () => {
    await expect(verifyTopics(topics.connection, new Map([['fleet.location', 12]]))).rejects.toThrow(
      /has 3 partitions, and 12 are recorded/,
    );
    await expect(provisionTopics(topics.connection, { partitions: 5, logger })).rejects.toThrow(/fleet\.presence has 3 partitions/);
  });

  test('that are missing are an error', async () => {
    await expect(verifyTopics(topics.connection, new Map([['fleet.nothing', 3]]))).rejects.toThrow(/fleet\.nothing does not exist/);
  });
});
