import { createRequire } from 'node:module';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeFetchRequest, type FetchOptions } from './fetch-request.js';

// kafkajs writes the same request, with any session that it is told.
const { protocol } = createRequire(import.meta.url)('kafkajs/src/protocol/requests/fetch/index.js') as {
  protocol(version: { version: number }): (options: FetchOptions & { sessionId: number; sessionEpoch: number }) => {
    request: { encode(): Promise<{ buffer: Buffer }> };
  };
};

const wanted = fc.array(
  fc.record({
    topic: fc.string({ unit: 'binary', maxLength: 5 }),
    partitions: fc.array(
      fc.record({
        partition: fc.nat({ max: 2 ** 31 - 1 }),
        fetchOffset: fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }).map(String),
        maxBytes: fc.nat({ max: 2 ** 31 - 1 }),
      }),
      { maxLength: 4 },
    ),
  }),
  { maxLength: 4 },
);
const options = fc.record(
  {
    replicaId: fc.constantFrom(-1, 3),
    maxWaitTime: fc.nat(),
    minBytes: fc.nat(),
    maxBytes: fc.nat(),
    isolationLevel: fc.constantFrom(0, 1),
    rackId: fc.string({ maxLength: 5 }),
    topics: wanted,
  },
  { requiredKeys: ['maxWaitTime', 'minBytes', 'maxBytes', 'topics'] },
);

test('a request is written as kafkajs writes it, to the last byte', async () => {
  await fc.assert(
    fc.asyncProperty(options, fc.integer(), fc.integer(), async (asked, sessionId, sessionEpoch) => {
      const theirs = await protocol({ version: 11 })({ ...asked, sessionId, sessionEpoch }).request.encode();
      const ours = encodeFetchRequest(asked, { sessionId, sessionEpoch, topics: asked.topics, forgotten: [] });
      expect(ours.toString('hex')).toBe(theirs.buffer.toString('hex'));
    }),
    { numRuns: 200 },
  );
});

// kafkajs knows the field, and writes the partitions without their number: Fetch Request (Version: 11), forgotten_topics_data.
test('what is not wanted any more stands behind the topics', () => {
  const asked = { replicaId: -1, maxWaitTime: 1, minBytes: 1, maxBytes: 1, topics: [] };
  const session = { sessionId: 9, sessionEpoch: 2, topics: [], forgotten: [{ topic: 'ab', partitions: [3, 258] }] };
  const bytes = encodeFetchRequest(asked, session);
  expect(bytes.subarray(25).toString('hex')).toBe(
    '00000000' + '00000001' + '0002' + '6162' + '00000002' + '00000003' + '00000102' + '0000',
  );
});
