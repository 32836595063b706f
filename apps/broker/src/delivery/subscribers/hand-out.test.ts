import type { OutboundMessage } from '@milepost/mqtt';
import { expect, test } from 'vitest';
import { handOut, RETAINED_PER_TURN } from './hand-out.js';

const many = 2 * RETAINED_PER_TURN + 1;

function receiver() {
  const got: OutboundMessage[] = [];
  const state = { behind: false };
  return { got, state, hand: (message: OutboundMessage) => void got.push(message), isBehind: () => state.behind };
}

const message = (topic: string) => ({ topic }) as OutboundMessage;
const walk = (count: number, stands = () => true) => ({ messages: Array.from({ length: count }, (_, n) => message(String(n))), stands });
const turn = () => new Promise((resolve) => setImmediate(resolve));

test('what many topics retain is handed out in parts, in order, and others have their turn between', async () => {
  const to = receiver();
  const done = handOut([walk(many), walk(1)], to);
  expect(to.got.length).toBe(RETAINED_PER_TURN);
  await turn();
  expect(to.got.length).toBe(2 * RETAINED_PER_TURN);
  await done;
  expect(to.got.map(({ topic }) => Number(topic))).toEqual([...Array(many).keys(), 0]);
});

test('nothing is added once the client has unsubscribed; its other subscriptions are served [MQTT-3.10.4-2]', async () => {
  const to = receiver();
  let stands = true;
  const done = handOut([walk(many, () => stands), walk(1)], to);
  stands = false;
  await done;
  expect(to.got.length).toBe(RETAINED_PER_TURN + 1);
});

test('a client that is behind is waited for', async () => {
  const to = receiver();
  to.state.behind = true;
  const done = handOut([walk(RETAINED_PER_TURN + 1)], to);
  for (let turns = 0; turns < 3; turns++) await turn();
  expect(to.got.length).toBe(RETAINED_PER_TURN);
  to.state.behind = false;
  await done;
  expect(to.got.length).toBe(RETAINED_PER_TURN + 1);
});

test('those that are not in the queue yet are waited for before anybody asks how far the client is', async () => {
  let queued = 0;
  let letGo: () => void = () => undefined;
  const recorded = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const asked: number[] = [];
  const done = handOut([walk(RETAINED_PER_TURN + 1)], {
    hand: async () => {
      await recorded;
      queued += 1;
    },
    isBehind: () => {
      asked.push(queued);
      return false;
    },
  });
  for (let turns = 0; turns < 3; turns++) await turn();
  expect(asked).toEqual([]);
  letGo();
  await done;
  expect(asked).toEqual([RETAINED_PER_TURN]);
});
