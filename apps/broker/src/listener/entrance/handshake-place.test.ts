import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { HandshakePlace } from './handshake-place.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A place, and what became of it. */
function placeOf(peer: { bytesRead: number }) {
  const left: boolean[] = [];
  return { left, place: new HandshakePlace(peer, (yielded) => left.push(yielded)) };
}

test('a peer that says nothing gives up its place after a second', () => {
  const { left } = placeOf({ bytesRead: 0 });
  vi.advanceTimersByTime(999);
  expect(left).toEqual([]);
  vi.advanceTimersByTime(2);
  expect(left).toEqual([true]);
});

test('a peer that goes on keeps its place, yet not for ever', () => {
  const peer = { bytesRead: 0 };
  const { left } = placeOf(peer);
  for (let second = 0; second < 2; second++) {
    peer.bytesRead += 1;
    vi.advanceTimersByTime(1_001);
  }
  vi.advanceTimersByTime(500);
  expect(left).toEqual([]);
  peer.bytesRead += 1;
  vi.advanceTimersByTime(501);
  expect(left).toEqual([true]);
});

test('a place is left once', () => {
  const { left, place } = placeOf({ bytesRead: 0 });
  place.leave();
  place.leave();
  vi.advanceTimersByTime(5_000);
  expect(left).toEqual([false]);
});
