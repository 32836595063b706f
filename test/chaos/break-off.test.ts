import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { hearBreakOff } from './break-off.js';

const WITHIN_MS = 60_000;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const heard = () => {
  const source = new EventEmitter();
  const said: string[] = [];
  return { source, said, ...hearBreakOff({ withinMs: WITHIN_MS, say: (line) => said.push(line), source }) };
};

describe.each(['SIGINT', 'SIGTERM', 'SIGHUP', 'disconnect'])('hearBreakOff: %s', (event) => {
  it('takes down in order at the first, and kills at the second', () => {
    const { source, said, inOrder, atOnce } = heard();
    expect(inOrder.aborted).toBe(false);
    source.emit(event);
    expect([inOrder.aborted, atOnce.aborted]).toEqual([true, false]);
    vi.advanceTimersByTime(1_000);
    source.emit(event);
    expect(atOnce.aborted).toBe(true);
    expect(said).toHaveLength(2);
  });

  it('takes for one what the terminal and npm both tell', () => {
    const { source, atOnce } = heard();
    source.emit(event);
    vi.advanceTimersByTime(50);
    source.emit(event);
    expect(atOnce.aborted).toBe(false);
  });

  it('kills what is not down in its time', () => {
    const { source, atOnce } = heard();
    source.emit(event);
    vi.advanceTimersByTime(WITHIN_MS - 1);
    expect(atOnce.aborted).toBe(false);
    vi.advanceTimersByTime(1);
    expect(atOnce.aborted).toBe(true);
  });
});
