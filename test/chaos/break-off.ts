import type { EventEmitter } from 'node:events';
import { runSignals } from './run-signals.js';

/** The terminal tells everything that runs in it, and npm tells its own once more: what comes so soon after is the same wish. */
const SAME_WISH_MS = 500;

export interface BreakOffOptions {
  /** From the first wish to the end of everything, at most. */
  withinMs: number;
  say(line: string): void;
  /** Where signals are heard: this process. */
  source?: Pick<EventEmitter, 'on'>;
}

export interface BreakOff {
  /** Aborted by the first wish: everything is taken down in order. */
  readonly inOrder: AbortSignal;
  /** Aborted by the second, or when that took too long: everything is killed. */
  readonly atOnce: AbortSignal;
}

/** Somebody wished so: no fault of the run, whose stack would say nothing. */
export class BrokenOff extends Error {}

/** Hears SIGINT, SIGTERM, SIGHUP, and that the process which started this one as a child with a channel is gone. */
export function hearBreakOff({ withinMs, say, source = process }: BreakOffOptions): BreakOff {
  const inOrder = new AbortController();
  const atOnce = new AbortController();
  let heardAt = Number.NEGATIVE_INFINITY;
  const hear = (wish: string) => {
    if (performance.now() - heardAt < SAME_WISH_MS) return;
    heardAt = performance.now();
    if (inOrder.signal.aborted) {
      say(`${wish} again: everything is killed`);
      atOnce.abort(new BrokenOff(`broken off at once by ${wish}`));
      return;
    }
    say(`${wish}: everything is taken down, within ${withinMs / 1_000} s; once more kills it at once`);
    setTimeout(() => atOnce.abort(new BrokenOff(`broken off by ${wish}, and not down after ${withinMs / 1_000} s`)), withinMs);
    inOrder.abort(new BrokenOff(`broken off by ${wish}`));
  };
  for (const signal of runSignals) source.on(signal, () => hear(signal));
  source.on('disconnect', () => hear('the end of the process that started this one'));
  return { inOrder: inOrder.signal, atOnce: atOnce.signal };
}
