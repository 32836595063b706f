import { describe, expect, it } from 'vitest';
import { ApiRefusalError } from '../reaching/api-client.js';
import { followEvents } from './follow-events.js';

const problem = { type: 'urn:x', title: 'x', status: 410, code: 'cursor_expired', detail: 'cursor: events behind it are no longer kept.' };

/** Answers with these pages, one after another, and aborts behind the last. */
function apiOf(pages: (object | Error)[], stopping = new AbortController()) {
  const asked: string[] = [];
  const call = async (_method: string, path: string) => {
    asked.push(path);
    const page = pages.shift();
    if (pages.length === 0) stopping.abort();
    if (page instanceof Error) throw page;
    return page as never;
  };
  return { api: { call }, asked, signal: stopping.signal };
}

const nothing = { handle: async () => undefined, onTrouble: () => undefined, onBegin: () => undefined };

describe('followEvents', () => {
  it('goes on behind an answer without events: its cursor has moved', async () => {
    const { api, asked, signal } = apiOf([
      { items: [], nextCursor: 'b' },
      { items: [], nextCursor: 'c' },
    ]);
    expect(await followEvents({ api, signal, cursor: 'a', types: 'incident.opened', ...nothing })).toBe('c');
    expect(asked.map((path) => new URL(path, 'http://x').searchParams.get('cursor'))).toEqual(['a', 'b']);
  });

  it('ends when the cursor is older than what is kept, with the option that goes on from the oldest', async () => {
    const { api, signal } = apiOf([new ApiRefusalError(problem.detail, { ...problem, oldestCursor: 'oldest' }), {}]);
    await expect(followEvents({ api, signal, cursor: 'a', ...nothing })).rejects.toThrow(/not forwarded.*--cursor oldest.*--from/);
  });

  it('begins when the API has taken its cursor, and says in the words of the command that it has not', async () => {
    let begins = 0;
    const onBegin = () => {
      begins += 1;
    };
    const refused = apiOf([new ApiRefusalError('cursor: is not a cursor', { ...problem, code: 'invalid_cursor' }), {}]);
    const cursor = 'abc';
    await expect(followEvents({ ...refused, cursor, ...nothing, onBegin })).rejects.toThrow(/^--cursor: no earlier run.*--from/);
    expect(begins).toBe(0);
    const page = { items: [], nextCursor: 'b' };
    const taken = apiOf([page, page]);
    await followEvents({ ...taken, cursor, ...nothing, onBegin });
    expect(begins).toBe(1);
    expect(taken.asked.map((path) => path.includes('waitSeconds'))).toEqual([false, true]);
  });

  it('ends with the API’s own words when it refuses anything else', async () => {
    const { api, signal } = apiOf([new ApiRefusalError('types: no such type', { ...problem, code: 'invalid_request' }), {}]);
    await expect(followEvents({ api, signal, ...nothing })).rejects.toThrow('types: no such type');
  });
});
