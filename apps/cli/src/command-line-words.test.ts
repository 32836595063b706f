import type { Problem } from '@milepost/contracts';
import { describe, expect, it } from 'vitest';
import { inCommandLineWords } from './command-line-words.js';

const problem = (detail: string, errors?: Problem['errors']): Problem => ({
  type: 'urn:milepost:problem:invalid_request',
  title: 'The request is not valid',
  status: 400,
  code: 'invalid_request',
  detail,
  ...(errors && { errors }),
});

describe('inCommandLineWords', () => {
  it('names the option of each field that is at fault, a line each', () => {
    const said = inCommandLineWords(
      problem('body /eventTypes/1: must be one of a, b; /until: must be later than now', [
        { pointer: '/eventTypes/1', code: 'not_allowed', message: 'must be one of a, b' },
        { pointer: '/until', code: 'invalid_field', message: 'must be later than now' },
        { pointer: '/headers/x-y', code: 'invalid_field', message: 'is refused' },
        { parameter: 'since', code: 'invalid_time', message: 'is no time' },
      ]),
    );
    expect(said).toBe('--types, number 2: must be one of a, b\n--until: must be later than now\n--header: is refused\n--since: is no time');
  });

  it('names a parameter as the option is called that sends it, and not as the field of that name', () => {
    const said = inCommandLineWords(
      problem('x', [
        { parameter: 'types', code: 'not_allowed', message: 'nonsense is no type' },
        { parameter: 'cursor', code: 'invalid_cursor', message: 'is none of ours' },
        { parameter: 'waitSeconds', code: 'too_large', message: 'must be <= 20' },
      ]),
    );
    expect(said).toBe('--types: nonsense is no type\n--cursor: is none of ours\nwaitSeconds: must be <= 20');
  });

  it('keeps the API’s word where no option is behind it', () => {
    expect(inCommandLineWords(problem('x', [{ pointer: '/shape/radiusM', code: 'too_small', message: 'must be >= 1' }]))).toBe(
      '/shape/radiusM: must be >= 1',
    );
  });

  it.each([
    ['No mute with the id x; GET /v1/mutes lists them.', 'No mute with the id x; `npx milepost mutes list` lists them.'],
    ['No delivery x; GET /v1/webhooks/01-a/deliveries lists those.', 'No delivery x; `npx milepost webhooks deliveries 01-a` lists those.'],
    ['No vehicle x; GET /v1/vehicles lists those.', 'No vehicle x; GET /v1/vehicles lists those.'],
  ])('sends to the command that lists what the path does: %s', (detail, said) => {
    expect(inCommandLineWords(problem(detail))).toBe(said);
  });
});
