import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { afterEach, expect, test, vi } from 'vitest';
import { Entrance } from './entrance.js';

class FakePeer extends EventEmitter {
  bytesRead = 0;
  destroyed = false;
  destroy(): void {
    this.destroyed = true;
    this.emit('close');
  }
}

function entranceUnderTest(limits: { maxConnections?: number; maxHandshakes?: number } = {}) {
  const reached: string[] = [];
  const entrance = new Entrance({
    maxConnections: 10,
    maxHandshakes: 10,
    maxWaiting: 10,
    handshakesPerSecond: 0,
    ...limits,
    onLimit: (limit) => reached.push(limit),
  });
  const began: FakePeer[] = [];
  const overs = new Map<FakePeer, () => void>();
  const peer = (): FakePeer & Socket => new FakePeer() as FakePeer & Socket;
  const shake = (one: FakePeer & Socket) =>
    entrance.enterForHandshake(one, (over) => {
      began.push(one);
      overs.set(one, over);
    });
  return { entrance, reached, began, overs, peer, shake };
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
