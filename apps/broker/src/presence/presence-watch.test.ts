import type { LogTail, LogTailOptions } from '@milepost/kafka';
import { createLogger } from '@milepost/runtime';
import type { Admin } from 'kafkajs';
import { expect, test, vi } from 'vitest';
import { settled } from '../connections/fake-socket.fixture.js';
import { OtherKeepers } from './other-keepers.js';
import { PresenceWatch } from './presence-watch.js';

/** One way of reading the log, and what becomes of it. */
interface FakeTail {
  readonly from: LogTailOptions['from'];
  fail(): void;
  /** It is read to its end. */
  atEnd(): void;
  closed(): void;
}

/** On a log of one partition that ends at 5,000. */
function watchUnderTest() {
  const admin = { fetchTopicOffsets: async () => [{ partition: 0, offset: '5000', high: '5000', low: '0' }] } as unknown as Admin;
  const tails: FakeTail[] = [];
  const openTail = ({ from, onFatal }: LogTailOptions): LogTail => {
    const error = new Error('it cannot go on');
    let fail: (reason: Error) => void = () => undefined;
    let atEnd: () => void = () => undefined;
    let closed: () => void = () => undefined;
    const isRead = new Promise<void>((resolve, reject) => {
      atEnd = resolve;
      fail = reject;
    });
    const isClosed = new Promise<void>((resolve) => {
      closed = resolve;
    });
    tails.push({
      from,
      fail: () => {
        fail(error);
        onFatal(error);
      },
      atEnd,
      closed,
    });
    return {
      start: async () => undefined,
      readToEnd: () => isRead,
      positions: () => new Map([[0, 7n]]),
      ready: true,
      close: () => isClosed,
    };
  };
  const watch = new PresenceWatch({
    kafka: { askAdmin: (question) => question(admin), physicalTopic: (name) => name },
    openTail,
    node: 'n',
    keepers: new OtherKeepers(),
    logger: createLogger({ app: 'test', level: 'silent' }),
  });
  const opened = (count: number) => vi.waitFor(() => expect(tails).toHaveLength(count), { timeout: 20_000 });
  return { watch, tails, opened };
}

const fromOffset = (offset: bigint) => ({ offsets: new Map([[0, offset]]) });

test('the log is read anew from where it was looked at last: what came while it could not be read counts, however much that is', async () => {
  const { watch, tails, opened } = watchUnderTest();
  const started = watch.start();
  await opened(1);
  tails[0]?.atEnd();
  await started;
  tails[0]?.fail();
  tails[0]?.closed();
  await opened(2);
  expect(tails.map(({ from }) => from)).toEqual([fromOffset(4_000n), fromOffset(7n)]);
  tails[1]?.closed();
  await watch.stop();
});

test('a reading that failed while it began, and takes long to close, is followed by one, not by two', async () => {
  const { watch, tails, opened } = watchUnderTest();
  const started = watch.start();
  await opened(1);
  tails[0]?.fail();
  await opened(2);
  tails[1]?.atEnd();
  await started;
  tails[0]?.closed();
  await settled();
  expect(tails).toHaveLength(2);
  tails[1]?.closed();
  await watch.stop();
});
