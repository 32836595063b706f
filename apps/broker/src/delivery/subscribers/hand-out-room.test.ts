import type { OutboundMessage } from '@milepost/mqtt';
import { expect, test } from 'vitest';
import { HandOutRoom } from './hand-out-room.js';

const LIMITS = { maxQueuedMessages: 80, maxQueuedBytes: 8_000 };

function world() {
  const queue = { queuedMessages: 0, queuedBytes: 0, whenShorter: undefined as (() => void) | undefined };
  const room = new HandOutRoom(queue, LIMITS);
  const woken: string[] = [];
  const wait = (name: string, bytes = 1, stands = () => true): boolean => {
    const waits = room.wait(message(bytes), stands);
    void waits?.then(() => woken.push(name));
    return waits !== undefined;
  };
  const shortenTo = async (messages: number, bytes: number) => {
    queue.queuedMessages = messages;
    queue.queuedBytes = bytes;
    queue.whenShorter?.();
    await Promise.resolve();
  };
  return { queue, room, woken, wait, shortenTo };
}

const message = (bytes: number): OutboundMessage => ({ topic: '', payload: Buffer.alloc(bytes), qos: 1, retain: true, properties: {} });

test('a quarter of what may wait for the client is there for what topics retain, by count and by bytes', async () => {
  const { queue, wait } = world();
  queue.queuedMessages = 19;
  queue.queuedBytes = 1_999;
  expect(wait('fits')).toBe(false);
  expect(wait('too large', 2)).toBe(true);
  queue.queuedMessages = 20;
  expect(wait('one too many', 0)).toBe(true);
});

test('one message has room in an empty queue, however large it is, and in no other', async () => {
  const { queue, wait, woken, shortenTo } = world();
  expect(wait('first', 1_000_000)).toBe(false);
  queue.queuedMessages = 2;
  expect(wait('second', 1_000_000)).toBe(true);
  await shortenTo(1, 0);
  expect(woken).toEqual(['second']);
  expect(wait('second', 1_000_000)).toBe(true);
  await shortenTo(0, 0);
  expect([woken, wait('second', 1_000_000)]).toEqual([['second', 'second'], false]);
});

test('who waits is woken when half of that is free again, all together', async () => {
  const { queue, wait, woken, shortenTo } = world();
  queue.queuedMessages = 20;
  wait('a');
  wait('b');
  await shortenTo(11, 0);
  expect(woken).toEqual([]);
  await shortenTo(10, 1_001);
  expect(woken).toEqual([]);
  await shortenTo(10, 1_000);
  expect([woken, queue.whenShorter]).toEqual([['a', 'b'], undefined]);
});

test('what is not in the queue yet counts as if it were', async () => {
  const { room, wait, woken } = world();
  const letGo: (() => void)[] = [];
  for (let count = 0; count < 20; count++) room.expect(message(1), new Promise((resolve) => letGo.push(resolve)));
  expect(wait('next')).toBe(true);
  for (const each of letGo.slice(0, 9)) each();
  await new Promise((resolve) => setImmediate(resolve));
  expect(woken).toEqual([]);
  letGo[9]?.();
  await new Promise((resolve) => setImmediate(resolve));
  expect([woken, wait('one more')]).toEqual([['next'], false]);
});

test('those whose subscription has gone do not pile up behind a client that takes nothing', async () => {
  const { queue, wait, woken } = world();
  queue.queuedMessages = 20;
  const gone = new Set<number>();
  for (let index = 0; index < 1_000; index++) {
    wait(String(index), 1, () => !gone.has(index));
    gone.add(index);
  }
  await Promise.resolve();
  expect(woken.length).toBeGreaterThan(900);
});
