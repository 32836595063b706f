import { describe, expect, it } from 'vitest';
import type { AttemptResult } from './attempt-result.js';
import { endpointHealth, judgeAttempt } from './judge-attempt.js';

const scheduleMs = [0, 5_000, 30_000, 120_000, 600_000, 3_600_000, 10_800_000, 28_800_000];
const answered = (statusCode: number, more: { retryAfter?: string; location?: string } = {}): AttemptResult & { kind: 'answered' } => ({
  kind: 'answered',
  statusCode,
  latencyMs: 1,
  responseBody: '',
  ...more,
});
const judge = (result: Exclude<AttemptResult, { kind: 'abandoned' }>, attemptsBefore = 0, random = () => 0) =>
  judgeAttempt({ result, attemptsBefore, scheduleMs, nowMs: 0, random });

describe('judgeAttempt', () => {
  it.each([200, 201, 202, 204, 299])('counts %i as delivered', (status) =>
    expect(judge(answered(status))).toEqual({ status: 'delivered' }),
  );

  it.each([100, 301, 304, 307, 400, 401, 404, 408, 418, 429, 500, 503])('tries again after %i', (status) =>
    expect(judge(answered(status))).toMatchObject({ status: 'failed', retryInMs: 5_000 }),
  );

  it('keeps of a redirect’s Location no more than of any other error: it may be of 16 KiB, in each attempt of a page of deliveries', () => {
    const { error } = judge(answered(302, { location: `https://elsewhere.example/${'x'.repeat(16_000)}` })) as { error: string };
    expect(error).toMatch(/^The receiver answered 302: redirects are not followed \(to https:\/\/elsewhere\.example\/x/);
    expect(error).toHaveLength(500);
  });

  it('disables the endpoint at 410, and tries this delivery no more', () =>
    expect(judge(answered(410))).toMatchObject({ status: 'dead', disableEndpoint: true }));

  it('waits as the schedule says before each attempt, and gives up after the last', () => {
    const unanswered = { kind: 'unanswered', error: 'timeout', latencyMs: 15_000 } as const;
    const waits = scheduleMs.map((_, attempt) => {
      const verdict = judge(unanswered, attempt);
      return verdict.status === 'failed' ? verdict.retryInMs : verdict.status;
    });
    expect(waits).toEqual([...scheduleMs.slice(1), 'dead']);
    expect(judge(unanswered, 7)).toEqual({ status: 'dead', error: 'timeout', disableEndpoint: false });
  });

  it('adds up to a fifth to a step, and never takes from it', () => {
    expect(judge(answered(500), 1, () => 0.999_999)).toMatchObject({ retryInMs: expect.closeTo(36_000, -1) });
    expect(judge(answered(500), 1, () => 0)).toMatchObject({ retryInMs: 30_000 });
  });

  it('waits as long as Retry-After asks, but never less than the schedule', () => {
    expect(judge(answered(500, { retryAfter: '60' }))).toEqual({ status: 'failed', error: 'The receiver answered 500', retryInMs: 60_000 });
    expect(judge(answered(500, { retryAfter: '1' }))).toMatchObject({ retryInMs: 5_000 });
  });

  it.each([429, 503])('lets the whole endpoint rest when %i comes with Retry-After', (status) =>
    expect(judge(answered(status, { retryAfter: '60' }))).toMatchObject({ retryInMs: 60_000, pauseMs: 60_000 }),
  );

  it('lets it rest after the last attempt of a delivery as well', () =>
    expect(judge(answered(503, { retryAfter: '60' }), 7)).toMatchObject({ status: 'dead', disableEndpoint: false, pauseMs: 60_000 }));

  it('says where a redirect pointed', () =>
    expect(judge(answered(302, { location: 'http://10.0.0.1/' }))).toMatchObject({
      error: expect.stringContaining('not followed (to http://10.0.0.1/)'),
    }));
});

describe('endpointHealth', () => {
  it.each([500, 502, 503, 408, 429])('counts %i as trouble of the endpoint', (status) =>
    expect(endpointHealth(answered(status))).toBe('fails'),
  );
  it('counts no answer as its trouble, and a 2xx as its end', () => {
    expect(endpointHealth({ kind: 'unanswered', error: 'connect ECONNREFUSED', latencyMs: 1 })).toBe('fails');
    expect(endpointHealth(answered(202))).toBe('works');
  });
  it.each([301, 400, 401, 404, 410, 422])('learns nothing of the endpoint from %i: it may be this one event', (status) =>
    expect(endpointHealth(answered(status))).toBe('unknown'),
  );
});
