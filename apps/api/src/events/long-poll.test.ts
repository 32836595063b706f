import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { LongPoll } from './long-poll.js';

const here = () => new AbortController().signal;

describe('LongPoll', () => {
  it('answers as soon as there is something', async () => {
    let looks = 0;
    const look = async () => (++looks === 2 ? 'there' : undefined);
    expect(await new LongPoll().until(look, { waitMs: 60_000, gone: here() })).toBe('there');
  });

  it('looks once when there is no time, and answers with nothing when time is over', async () => {
    let looks = 0;
    const look = async () => {
      looks += 1;
      return undefined;
    };
    expect(await new LongPoll().until(look, { waitMs: 0, gone: here() })).toBeUndefined();
    expect(looks).toBe(1);
    expect(await new LongPoll().until(look, { waitMs: 20, gone: here() })).toBeUndefined();
  });

  it('keeps nobody waiting when it closes, and looks no more for who has gone', async () => {
    const poll = new LongPoll();
    const gone = new AbortController();
    let looks = 0;
    const look = async () => {
      looks += 1;
      return undefined;
    };
    const waiting = poll.until(async () => undefined, { waitMs: 60_000, gone: here() });
    const left = poll.until(look, { waitMs: 60_000, gone: gone.signal });
    gone.abort();
    expect(await left).toBeUndefined();
    expect(looks).toBe(1);
    poll.close();
    expect(await waiting).toBeUndefined();
  });

  it('has more than ten of them wait, and Node sees no leak in it', async () => {
    const warnings: string[] = [];
    const heard = ({ name }: Error) => void warnings.push(name);
    process.on('warning', heard);
    try {
      const poll = new LongPoll();
      const waiting = Array.from({ length: 12 }, () => poll.until(async () => undefined, { waitMs: 60_000, gone: here() }));
      await delay(50);
      poll.close();
      await Promise.all(waiting);
    } finally {
      process.off('warning', heard);
    }
    expect(warnings).toEqual([]);
  });
});
