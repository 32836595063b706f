import fc from 'fast-check';
import { expect, it, test } from 'vitest';
import { FetchSession, type SessionRequest, type WantedTopic } from './fetch-session.js';

/** What a node does with requests (KIP-227, "FetchRequest Metadata meaning"), for one session. */
class Node {
  readonly #sessions = new Map<number, { epoch: number; read: Map<string, string> }>();
  #last = 0;
  /** What the newest request reads, or undefined when it was refused. */
  reads: Map<string, string> | undefined;

  take({ sessionId, sessionEpoch, topics, forgotten }: SessionRequest): { errorCode: number; sessionId: number } {
    this.reads = undefined;
    if (sessionEpoch === 0) {
      this.#sessions.delete(sessionId);
      this.#last += 1;
      this.#sessions.set(this.#last, { epoch: 1, read: listed(topics) });
      this.reads = listed(topics);
      return { errorCode: 0, sessionId: this.#last };
    }
    const session = this.#sessions.get(sessionId);
    if (session === undefined) return { errorCode: 70, sessionId: 0 };
    if (session.epoch !== sessionEpoch) return { errorCode: 71, sessionId };
    session.epoch += 1;
    for (const [partition, offset] of listed(topics)) session.read.set(partition, offset);
    for (const { topic, partitions } of forgotten) for (const partition of partitions) session.read.delete(`${topic}/${partition}`);
    this.reads = new Map(session.read);
    return { errorCode: 0, sessionId };
  }

  forgetAll(): void {
    this.#sessions.clear();
  }

  get sessions(): number {
    return this.#sessions.size;
  }
}

function listed(topics: readonly WantedTopic[]): Map<string, string> {
  return new Map(
    topics.flatMap(({ topic, partitions }) =>
      partitions.map(({ partition, fetchOffset, maxBytes }) => [`${topic}/${partition}`, `${fetchOffset} ${maxBytes}`]),
    ),
  );
}

const partitions = (...offsets: [partition: number, offset: string][]) =>
  offsets.map(([partition, fetchOffset]) => ({ partition, fetchOffset, maxBytes: 100 }));

test('the first request is full, the next ones name what has changed, and what is not wanted any more', () => {
  const session = new FetchSession();
  const all = [{ topic: 'a', partitions: partitions([0, '5'], [1, '7']) }];
  expect(session.next(all)).toEqual({ sessionId: 0, sessionEpoch: 0, topics: all, forgotten: [] });
  session.answered({ errorCode: 0, sessionId: 9 });
  expect(session.next(all)).toEqual({ sessionId: 9, sessionEpoch: 1, topics: [], forgotten: [] });
  session.answered({ errorCode: 0, sessionId: 9 });
  const moved = [
    { topic: 'b', partitions: partitions([0, '1']) },
    { topic: 'a', partitions: partitions([1, '8']) },
  ];
  expect(session.next(moved)).toEqual({ sessionId: 9, sessionEpoch: 2, topics: moved, forgotten: [{ topic: 'a', partitions: [0] }] });
});

it('asks in full, and ends the session, after an error or no answer', () => {
  const session = new FetchSession();
  const all = [{ topic: 'a', partitions: partitions([0, '5']) }];
  session.next(all);
  session.answered({ errorCode: 0, sessionId: 9 });
  session.next(all);
  session.lost();
  expect(session.next(all)).toEqual({ sessionId: 9, sessionEpoch: 0, topics: all, forgotten: [] });
  session.answered({ errorCode: 0, sessionId: 10 });
  session.next(all);
  session.answered({ errorCode: 71, sessionId: 10 });
  expect(session.next(all)).toMatchObject({ sessionId: 10, sessionEpoch: 0, topics: all });
});

it('asks in full each time where the node keeps no session', () => {
  const session = new FetchSession();
  const all = [{ topic: 'a', partitions: partitions([0, '5']) }];
  for (let request = 0; request < 3; request += 1) {
    expect(session.next(all)).toEqual({ sessionId: 0, sessionEpoch: 0, topics: all, forgotten: [] });
    session.answered({ errorCode: 0, sessionId: 0 });
  }
});

const topics = fc
  .uniqueArray(
    fc.record({
      topic: fc.constantFrom('a', 'b'),
      partition: fc.nat({ max: 3 }),
      offset: fc.nat({ max: 2 }),
      maxBytes: fc.constantFrom(1, 2),
    }),
    {
      selector: ({ topic, partition }) => `${topic}/${partition}`,
      maxLength: 8,
    },
  )
  .map((all) =>
    all.map(({ topic, partition, offset, maxBytes }) => ({ topic, partitions: [{ partition, fetchOffset: String(offset), maxBytes }] })),
  );
const course = fc.array(
  fc.record({ wanted: topics, happens: fc.constantFrom('answer', 'answer', 'answer', 'request lost', 'answer lost', 'node restarted') }),
  { maxLength: 30 },
);

test('whatever happens, a node that takes a request reads just what is wanted, in one session', () => {
  fc.assert(
    fc.property(course, (steps) => {
      const node = new Node();
      const session = new FetchSession();
      let refused = 0;
      let answersLost = 0;
      for (const { wanted, happens } of steps) {
        if (happens === 'node restarted') node.forgetAll();
        const request = session.next(wanted);
        if (happens === 'request lost') session.lost();
        else {
          const answer = node.take(request);
          if (happens === 'answer lost') {
            answersLost += 1;
            session.lost();
          } else session.answered(answer);
          refused = node.reads === undefined ? refused + 1 : 0;
          // A refusal costs one request, and no more.
          expect(refused).toBeLessThan(2);
          if (node.reads !== undefined) expect(node.reads).toEqual(listed(wanted));
        }
        // One of which the id is not known cannot be ended: Kafka drops it when it needs the place.
        expect(node.sessions).toBeLessThanOrEqual(1 + answersLost);
      }
    }),
    { numRuns: 500 },
  );
});
