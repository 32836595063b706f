import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Logger } from './logger.js';
import { onceAnswered, WaitEnded } from './once-answered.js';

const away = new Error('connect ECONNREFUSED');
const never = () => new Promise<never>(() => undefined);

function world() {
  const lines: { event: string; waitedMs: number }[] = [];
  const say = (line: { event: string; waitedMs: number }) => void lines.push(line);
  const stopping = new AbortController();
  const logger = { warn: say, info: say } as unknown as Logger;
  return { lines, stopping, awaited: { whom: 'Kafka', isTemporary: (error: unknown) => error === away, signal: stopping.signal, logger } };
}

/** Answers from so many ms on with how often it was asked. */
function answersFrom(ms: number) {
  const beganMs = performance.now();
  let asked = 0;
  return async () => {
    asked += 1;
    if (performance.now() - beganMs < ms) throw away;
    return asked;
  };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('whoever waits at its start', () => {
  it('says nothing where the first question is answered', async () => {
    const { awaited, lines } = world();
    expect(await onceAnswered(answersFrom(0), awaited)).toBe(1);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(lines).toEqual([]);
  });

  it('says so when it begins, every 30 s, and when it is over, however often it asks', async () => {
    const { awaited, lines } = world();
    const waiting = onceAnswered(answersFrom(70_000), awaited);
    await vi.advanceTimersByTimeAsync(80_000);
    expect(await waiting).toBeGreaterThan(10);
    expect(lines.map(({ event }) => event)).toEqual(['app.waiting', 'app.waiting', 'app.waiting', 'app.wait.over']);
    expect(lines.slice(0, 3).map(({ waitedMs }) => waitedMs)).toEqual([0, 30_000, 60_000]);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(lines).toHaveLength(4);
  });

  it('says so too while its first question has no answer at all', async () => {
    const { awaited, lines } = world();
    void onceAnswered(never, awaited);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(lines.map(({ event }) => event)).toEqual(['app.waiting']);
  });

  it('asks no more after the signal', async () => {
    const { awaited, stopping } = world();
    let asked = 0;
    const waiting = onceAnswered(async () => {
      asked += 1;
      if (asked === 3) stopping.abort();
      throw away;
    }, awaited);
    const ended = expect(waiting).rejects.toBeInstanceOf(WaitEnded);
    await vi.advanceTimersByTimeAsync(60_000);
    await ended;
    expect(asked).toBe(3);
  });

  it('does not wait for a question that is under way when the signal comes', async () => {
    const { awaited, stopping } = world();
    const waiting = onceAnswered(never, awaited);
    stopping.abort();
    await expect(waiting).rejects.toBeInstanceOf(WaitEnded);
  });

  it('throws at once what no other attempt mends', async () => {
    const { awaited, lines } = world();
    const wrong = new Error('relation "installation" does not exist');
    await expect(onceAnswered(() => Promise.reject(wrong), awaited)).rejects.toBe(wrong);
    expect(lines).toEqual([]);
  });
});
