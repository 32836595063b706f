import type { OutboundMessage } from '@milepost/mqtt';
import { expect, test } from 'vitest';
import { handOut, type RetainedWalk } from './hand-out.js';
import { HandOutTurns, RETAINED_PER_TURN } from './hand-out-turns.js';
import { KeptHandOuts, mayBeKept, remaining } from './kept-hand-outs.js';

const message = (topic: string, qos: 0 | 1 | 2 = 1) => ({ topic, qos }) as OutboundMessage;
const MESSAGES = [message('a'), message('b')];
const walk = (stands = () => true): RetainedWalk => ({ messages: MESSAGES, stands });
const neverLookedAt = (): Iterable<OutboundMessage> => ({
  [Symbol.iterator]: () => {
    throw new Error('somebody has looked');
  },
});
const nobodyElse = { turns: new HandOutTurns(), wait: () => undefined, isRetained: () => true };

/** One that the session's claim names. */
function named(handOuts: KeptHandOuts, id: string, of = walk()): RetainedWalk {
  const added = handOuts.add(id, 'f', of);
  expect(handOuts.of('f')?.id).toBe(id);
  return added;
}

test('a hand-out is over when all has been gone through, and each message is on record or not wanted any more', async () => {
  const handOuts = new KeptHandOuts();
  const first = named(handOuts, '1/1');
  await handOut([first], { ...nobodyElse, hand: (_message, { kept }) => kept?.expect() });
  expect(handOuts.ids).toEqual(['1/1']);
  first.kept?.settled();
  expect([handOuts.ids, handOuts.of('f')?.id]).toEqual([['1/1'], '1/1']);
  first.kept?.settled();
  // At once: what is written of the session in this same turn is right.
  expect([handOuts.ids, handOuts.of('f')?.id]).toEqual([[], undefined]);
  await first.kept?.over;
});

test('it is not over before all has been gone through, whatever is on record by then', () => {
  const handOuts = new KeptHandOuts();
  const { kept } = named(handOuts, '1/1');
  kept?.expect();
  kept?.settled();
  expect(handOuts.ids).toEqual(['1/1']);
  kept?.walked();
  expect(handOuts.ids).toEqual([]);
});

test('one that does not stand is over without a message', async () => {
  const handOuts = new KeptHandOuts();
  const got: OutboundMessage[] = [];
  let stands = true;
  const first = named(
    handOuts,
    '1/1',
    walk(() => stands),
  );
  stands = false;
  await handOut([first], { ...nobodyElse, hand: (each) => void got.push(each) });
  expect([got, handOuts.ids]).toEqual([[], []]);
});

test('a subscription is named with its own hand-out; the one before is as long as it may be on record', async () => {
  const handOuts = new KeptHandOuts();
  let stands = true;
  const replaced = walk(() => stands);
  const first = named(handOuts, '1/1', replaced);
  first.kept?.begin();
  stands = false;
  expect(handOuts.of('f')?.id).toBeUndefined();
  named(handOuts, '1/2');
  expect(handOuts.ids).toEqual(['1/1', '1/2']);
  first.kept?.walked();
  await first.kept?.over;
  expect([handOuts.of('f')?.id, handOuts.ids]).toEqual(['1/2', ['1/2']]);
});

test('one that is replaced before it began is not looked through, and not named: however many there are', () => {
  const handOuts = new KeptHandOuts();
  let stands = true;
  const first = named(
    handOuts,
    '1/1',
    walk(() => stands),
  );
  const { kept } = handOuts.add('1/2', 'f', { messages: neverLookedAt(), stands: () => stands });
  stands = false;
  named(handOuts, '1/3');
  // The first has a claim, which may be on record.
  expect([first.kept?.hasBegun, kept?.hasBegun, handOuts.ids]).toEqual([false, false, ['1/1', '1/3']]);
});

test('one that is cut short is named as long as the claim on record names it; one that was gone through is not', async () => {
  const handOuts = new KeptHandOuts();
  let stands = true;
  const [cut, whole] = [
    handOuts.add(
      '1/1',
      'f',
      walk(() => stands),
    ),
    handOuts.add('1/2', 'g', walk()),
  ];
  const claimed = ['f', 'g'].flatMap((filter) => handOuts.of(filter) ?? []);
  handOuts.claim(claimed)();
  stands = false;
  await handOut([cut, whole], { ...nobodyElse, hand: () => undefined });
  expect(handOuts.ids).toEqual(['1/1']);
  const isOnRecord = handOuts.claim([]);
  expect(handOuts.ids).toEqual(['1/1']);
  isOnRecord();
  expect(handOuts.ids).toEqual([]);
});

test('one that has nothing to be put on record is not named', () => {
  const handOuts = new KeptHandOuts();
  handOuts.add('1/1', 'f', { messages: [message('a', 0)], stands: () => true });
  expect([handOuts.of('f')?.id, handOuts.ids]).toEqual([undefined, []]);
});

test('those that nobody has begun are there to be begun, once', () => {
  const handOuts = new KeptHandOuts();
  const [first, second] = [handOuts.add('1/1', 'f', walk()), handOuts.add('1/2', 'g', walk())];
  expect(handOuts.notBegun).toEqual([first, second]);
  // All of them at once: the second waits for the first one.
  void handOut([first, second], { ...nobodyElse, wait: () => new Promise(() => undefined), hand: () => undefined });
  expect(handOuts.notBegun).toEqual([]);
});

test('what is not looked through in one turn may have to be kept', () => {
  const ofQoS0 = (count: number) => Array.from({ length: count }, (_, index) => message(String(index), 0));
  expect(mayBeKept([])).toBe(false);
  expect(mayBeKept([...ofQoS0(3), message('a')])).toBe(true);
  expect(mayBeKept(ofQoS0(RETAINED_PER_TURN - 1))).toBe(false);
  expect(mayBeKept(ofQoS0(RETAINED_PER_TURN))).toBe(true);
  expect(mayBeKept([...ofQoS0(3), undefined])).toBe(true);
});

test('what remains of a hand-out is neither of QoS 0 nor on record; it is looked up when it is walked', () => {
  const retained = [message('a'), message('b', 0), undefined];
  const left = remaining(() => retained, new Set(['a']));
  retained.push(message('c', 2));
  expect([...left]).toEqual([undefined, message('c', 2)]);
  expect([...left]).toEqual([undefined, message('c', 2)]);
});
