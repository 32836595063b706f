import { afterEach, expect, test, vi } from 'vitest';
import { HandshakeGate, type HandshakeGateLimits, type Pace } from './handshake-gate.js';

afterEach(() => vi.useRealTimers());

interface Knock {
  readonly from: string;
  readonly name: string;
}

const NO_LIMIT: HandshakeGateLimits = { maxRunning: 99, maxRunningFrom: 99, maxWaiting: 99 };

/** A gate, and who has started at it. `a1` is the first knock from `a`. */
function gateUnderTest(limits: Partial<HandshakeGateLimits>, pace?: Pace) {
  const started: string[] = [];
  const gate = new HandshakeGate<Knock>({ ...NO_LIMIT, ...limits }, ({ name }) => started.push(name), pace);
  const knock = (name: string): Knock => ({ from: name.charAt(0), name });
  return {
    gate,
    started,
    enter: (...names: string[]) => names.map((name) => gate.enter(knock(name))),
    leave: (...names: string[]) => {
      for (const name of names) gate.leave(knock(name));
    },
  };
}

test('no more than the limit run at a time, the others follow in order, and too many are turned away', () => {
  const { gate, started, enter, leave } = gateUnderTest({ maxRunning: 2, maxWaiting: 2 });
  expect(enter('a1', 'a2', 'a3', 'a4', 'a5').map(({ entered }) => entered)).toEqual([true, true, true, true, false]);
  expect(started).toEqual(['a1', 'a2']);
  leave('a1');
  expect(started).toEqual(['a1', 'a2', 'a3']);
  leave('a2', 'a3', 'a4');
  expect(started).toEqual(['a1', 'a2', 'a3', 'a4']);
  expect(gate.runningCount).toBe(0);
});

test('whoever comes faster than the pace waits for its turn, in order', () => {
  vi.useFakeTimers();
  let tokens = 1;
  const { started, enter, leave } = gateUnderTest({}, { next: () => (tokens-- > 0 ? 0 : 100) });
  enter('a1', 'a2', 'a3');
  expect(started).toEqual(['a1']);
  tokens = 1;
  vi.advanceTimersByTime(100);
  expect(started).toEqual(['a1', 'a2']);
  tokens = 5;
  leave('a1');
  expect(started).toEqual(['a1', 'a2']);
  vi.advanceTimersByTime(100);
  expect(started).toEqual(['a1', 'a2', 'a3']);
});

test('one place cannot hold all that run: another finds room at once', () => {
  const { gate, started, enter, leave } = gateUnderTest({ maxRunning: 4, maxRunningFrom: 3 });
  enter('a1', 'a2', 'a3', 'a4', 'b1');
  expect(started).toEqual(['a1', 'a2', 'a3', 'b1']);
  leave('b1');
  expect(gate.runningCount).toBe(3);
  leave('a1');
  expect(started).toEqual(['a1', 'a2', 'a3', 'b1', 'a4']);
});

test('those who wait have their turns by where they come from, each place in its own order', () => {
  const { started, enter, leave } = gateUnderTest({ maxRunning: 1 });
  enter('a1', 'a2', 'a3', 'a4', 'b1', 'b2', 'c1');
  leave('a1', 'a2', 'b1', 'c1', 'a3', 'b2');
  expect(started).toEqual(['a1', 'a2', 'b1', 'c1', 'a3', 'b2', 'a4']);
});

test('with no room to wait, the last of the place where most wait makes it for another', () => {
  const { gate, enter } = gateUnderTest({ maxRunning: 1, maxWaiting: 3 });
  enter('a1', 'a2', 'a3', 'a4');
  expect(enter('b1')).toEqual([{ entered: true, dropped: { from: 'a', name: 'a4' } }]);
  expect(enter('a5')).toEqual([{ entered: false, dropped: undefined }]);
  expect(enter('b2')).toEqual([{ entered: false, dropped: undefined }]);
  expect(gate.waitingCount).toBe(3);
});
