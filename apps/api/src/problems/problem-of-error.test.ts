import { describe, expect, test } from 'vitest';
import { DatabaseFailure } from '../database.js';
import { problemCodes } from './codes.js';
import { ApiProblem } from './problem.js';
import { problemOfError } from './problem-of-error.js';

const codeOf = (error: unknown) => problemOfError(error, { id: 'req-1' }).code;

describe('errors as problems', () => {
  test('a problem stays what it is', () => {
    const problem = new ApiProblem('alert_resolved', 'It is over.');
    expect(problemOfError(problem, { id: 'req-1' })).toBe(problem);
    expect(problem.body).toEqual({
      type: 'urn:milepost:problem:alert_resolved',
      title: 'The alert is resolved',
      status: 409,
      code: 'alert_resolved',
      detail: 'It is over.',
    });
  });

  test('what nobody foresaw says nothing of its cause, but where it stands in the log', () => {
    const { body } = problemOfError(new Error('password authentication failed for user "milepost_api"'), { id: 'req-7' });
    expect(body).toMatchObject({ status: 500, code: 'internal_error', detail: expect.stringContaining('req-7') });
    expect(JSON.stringify(body)).not.toContain('password');
    for (const odd of [undefined, null, 'text', {}]) expect(codeOf(odd)).toBe('internal_error');
  });

  test('a database that is away is to be asked again later', () => {
    for (const [kind, code] of [
      ['unavailable', 'database_unavailable'],
      ['timeout', 'query_timeout'],
    ] as const) {
      const problem = problemOfError(new DatabaseFailure(kind, { cause: new Error('x') }), { id: 'req-1' });
      expect(problem).toMatchObject({ code, status: 503, headers: { 'retry-after': '5' } });
    }
  });

  test.each(['unavailable', 'timeout'] as const)('says that nothing was changed only where that is known: %s', (kind) => {
    const detailOf = (inDoubt: boolean, method: string) =>
      problemOfError(new DatabaseFailure(kind, { cause: new Error('x') }, inDoubt), { id: 'req-1', method }).message;
    expect(detailOf(true, 'POST')).toMatch(/^The answer to the commit did not come: whether it was done is not known\. Look /);
    for (const [inDoubt, method] of [
      [false, 'POST'],
      [true, 'GET'],
    ] as const)
      expect(detailOf(inDoubt, method)).toMatch(/^Nothing was changed\. /);
  });

  test.each([
    ['FST_ERR_CTP_INVALID_MEDIA_TYPE', 'unsupported_media_type'],
    ['FST_ERR_CTP_BODY_TOO_LARGE', 'body_too_large'],
    ['FST_ERR_CTP_INVALID_JSON_BODY', 'invalid_json'],
    ['FST_ERR_BAD_URL', 'route_not_found'],
  ])('%s of Fastify is %s', (code, expected) => {
    expect(codeOf(Object.assign(new Error('x'), { code }))).toBe(expected);
  });

  test('a body that is too large is told how large it may be, one of a wrong type what it came as', () => {
    const tooLarge = Object.assign(new Error('x'), { code: 'FST_ERR_CTP_BODY_TOO_LARGE' });
    expect(problemOfError(tooLarge, { id: 'req-1', bodyLimitBytes: 65_536 }).body).toMatchObject({
      detail: expect.stringContaining('65536 bytes'),
      limit: 65_536,
    });
    const wrongType = Object.assign(new Error('x'), { code: 'FST_ERR_CTP_INVALID_MEDIA_TYPE' });
    expect(problemOfError(wrongType, { id: 'req-1', contentType: 'text/plain' }).message).toContain('"text/plain"');
  });

  test('every code has a status of an error', () => {
    for (const { status } of Object.values(problemCodes)) expect(status).toBeGreaterThanOrEqual(400);
  });
});
