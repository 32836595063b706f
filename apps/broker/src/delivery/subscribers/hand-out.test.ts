import type { OutboundMessage } from '@milepost/mqtt';
import { expect, test } from 'vitest';
import { handOut } from './hand-out.js';
import { HandOutTurns, RETAINED_PER_TURN } from './hand-out-turns.js';

const many = 2 * RETAINED_PER_TURN + 1;

function receiver() {
  const got: OutboundMessage[] = [];
  const changed = new Set<OutboundMessage>();
  /** Beyond that many the client has to take some first. */
  const nobody: () => void = () => undefined;
  const state = { room: Number.POSITIVE_INFINITY, taken: nobody };
  const wait = () =>
    got.length < state.room
      ? undefined
      : new Promise<void>((resolve) => {
          state.taken = resolve;
        });
  return {
    turns: new HandOutTurns(),
    got,
    state,
    changed,
    wait,
    hand: (next: OutboundMessage) => void got.push(next),
    isRetained: (next: OutboundMessage) => !changed.has(next),
  };
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

test('several SUBSCRIBEs share a turn, and what they wait for is theirs when it comes', async () => {
  const to = receiver();
  let stands = true;
  const walks = [walk(RETAINED_PER_TURN - 1), walk(2), walk(1, () => stands), walk(3)];
  const done = walks.map((each) => handOut([each], to));
  expect(to.got.length).toBe(RETAINED_PER_TURN);
  stands = false;
  await Promise.all(done);
  expect(to.got.slice(RETAINED_PER_TURN).map(({ topic }) => topic)).toEqual(['1', '0', '1', '2']);
});

test('who asks again and again for what takes long to be looked for, or is not there, lets others have their turn', async () => {
  const to = receiver();
  let begun = 0;
  const looking = (looks: number) => ({
    stands: () => true,
    messages: {
      *[Symbol.iterator]() {
        begun += 1;
        yield* Array<undefined>(looks).fill(undefined);
      },
    },
  });
  const done = [
    ...Array.from({ length: 2 }, () => handOut([looking(RETAINED_PER_TURN / 2)], to)),
    ...Array.from({ length: RETAINED_PER_TURN + 1 }, () => handOut([looking(0)], to)),
  ];
  expect(begun).toBe(2);
  await turn();
  expect(begun).toBe(2 + RETAINED_PER_TURN);
  await Promise.all(done);
  expect([begun, to.got]).toEqual([2 + RETAINED_PER_TURN + 1, []]);
});

test('nothing is added once the client has unsubscribed; its other subscriptions are served [MQTT-3.10.4-2]', async () => {
  const to = receiver();
  let stands = true;
  const done = handOut([walk(many, () => stands), walk(1)], to);
  stands = false;
  await done;
  expect(to.got.length).toBe(RETAINED_PER_TURN + 1);
});

test('a client that has no room is waited for before the next message, however few there were', async () => {
  const to = receiver();
  to.state.room = 3;
  const done = handOut([walk(5)], to);
  for (let turns = 0; turns < 3; turns++) await turn();
  expect(to.got.length).toBe(3);
  to.state.taken();
  await turn();
  expect(to.got.length).toBe(3);
  to.state.room = 5;
  to.state.taken();
  await done;
  expect(to.got.length).toBe(5);
});

test.each([
  ['room', 3],
  ['its turn', RETAINED_PER_TURN],
])('what its topic does not retain any more when it has waited for %s is left out', async (_what, room) => {
  const to = receiver();
  to.state.room = room;
  const messages = Array.from({ length: room + 2 }, (_, n) => message(String(n)));
  const done = handOut([{ messages, stands: () => true }], to);
  for (const each of messages.slice(room, room + 1)) to.changed.add(each);
  to.state.room = Number.POSITIVE_INFINITY;
  to.state.taken();
  await done;
  expect(to.got).toEqual([...messages.slice(0, room), ...messages.slice(room + 1)]);
});

test('nothing is added for who has unsubscribed while it had no room', async () => {
  const to = receiver();
  let stands = true;
  to.state.room = 3;
  const done = handOut([walk(5, () => stands)], to);
  stands = false;
  to.state.taken();
  await done;
  expect(to.got.length).toBe(3);
});
