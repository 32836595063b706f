import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { afterEach, expect, test, vi } from 'vitest';
import { Entrance } from './entrance.js';

class FakePeer extends EventEmitter {
  bytesRead = 0;
  destroyed = false;
  constructor(readonly remoteAddress: string) {
    super();
  }
  destroy(): void {
    this.destroyed = true;
    this.emit('close');
  }
}

function entranceUnderTest(limits: { maxConnections?: number; maxHandshakes?: number; maxWaiting?: number } = {}) {
  const reached: string[] = [];
  const entrance = new Entrance({
    maxConnections: 10,
    maxHandshakes: 10,
    maxWaiting: 10,
    handshakesPerSecond: 0,
    leaving: () => 0,
    ...limits,
    onLimit: (limit) => reached.push(limit),
  });
  const began: FakePeer[] = [];
  const overs = new Map<FakePeer, () => void>();
  const away: FakePeer[] = [];
  const peer = (address = '192.0.2.1') => new FakePeer(address) as FakePeer & Socket;
  const shake = (one: FakePeer & Socket) => {
    const turnedAway = away.length;
    entrance.enterForHandshake(one, {
      begin: (over) => {
        began.push(one);
        overs.set(one, over);
      },
      turnedAway: () => away.push(one),
    });
    return turnedAway === away.length;
  };
  return { entrance, reached, began, away, overs, peer, shake };
}

afterEach(() => {
  vi.useRealTimers();
});

test('sockets with and without a handshake share the places, and a close makes room', () => {
  const { entrance, reached, peer, shake } = entranceUnderTest({ maxConnections: 2 });
  const [first, second, third] = [peer(), peer(), peer()];
  expect([shake(first), entrance.enter(second), entrance.enter(third), shake(third)]).toEqual([true, true, false, false]);
  expect(reached).toEqual(['connections', 'connections']);
  second.destroy();
  expect(shake(third)).toBe(true);
});

test('silent peers on all places of a handshake do not keep a newcomer waiting beyond a second, and are not cut', () => {
  vi.useFakeTimers();
  const { reached, began, peer, shake } = entranceUnderTest({ maxHandshakes: 2 });
  const [silent, quiet, newcomer] = [peer(), peer(), peer()];
  for (const one of [silent, quiet, newcomer]) shake(one);
  expect(began).toEqual([silent, quiet]);
  vi.advanceTimersByTime(1_001);
  expect(began).toEqual([silent, quiet, newcomer]);
  expect(reached).toEqual(['handshake_silence', 'handshake_silence']);
  expect(silent.destroyed).toBe(false);
});

test('one address does not hold every place, and gives up one where it waits when another comes', () => {
  const { entrance, reached, began, away, peer, shake } = entranceUnderTest({ maxHandshakes: 4, maxWaiting: 2 });
  const [first, second, third, fourth, fifth] = [peer(), peer(), peer(), peer(), peer()];
  for (const one of [first, second, third, fourth, fifth]) shake(one);
  expect(began).toEqual([first, second, third]);
  const [other, another] = [peer('192.0.2.2'), peer('192.0.2.3')];
  shake(other);
  expect(began).toEqual([first, second, third, other]);
  shake(another);
  expect(away).toEqual([fifth]);
  expect(reached).toEqual(['handshakes_waiting']);
  expect(entrance.openCount).toBe(6);
});

test('who has not finished its handshake is dropped at the end, though it gave up its place; who has finished stays', () => {
  vi.useFakeTimers();
  const { entrance, overs, peer, shake } = entranceUnderTest();
  const [silent, finished] = [peer(), peer()];
  for (const one of [silent, finished]) shake(one);
  vi.advanceTimersByTime(1_001);
  overs.get(finished)?.();
  entrance.dropUnfinished();
  expect([silent.destroyed, finished.destroyed]).toEqual([true, false]);
  entrance.destroy();
  expect(finished.destroyed).toBe(true);
});

test('a socket keeps nothing of its handshake when that is over', () => {
  const { overs, peer, shake } = entranceUnderTest();
  const one = peer();
  shake(one);
  const during = one.listenerCount('close');
  overs.get(one)?.();
  expect([during, one.listenerCount('close')]).toEqual([2, 1]);
});
