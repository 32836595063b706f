import { expect, it } from 'vitest';
import { StopRequest } from './stop-request.js';

it('says once that it stops, to a Ctrl-C that comes twice as to any, and later that it was heard', () => {
  const said: string[] = [];
  let nowMs = 1_000;
  const request = new StopRequest({ say: (line) => said.push(line), now: () => nowMs });
  expect(request.signal.aborted).toBe(false);
  request.heard('SIGINT');
  expect(request.signal.aborted).toBe(true);
  nowMs += 20;
  request.heard('SIGINT');
  expect(said).toEqual([expect.stringMatching(/^\nSIGINT: stopping\./)]);
  nowMs += 1_000;
  request.heard('SIGTERM');
  expect(said.slice(1)).toEqual(['Stopping already; everything drains first.']);
});
