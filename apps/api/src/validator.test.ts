import Type from 'typebox';
import { describe, expect, test } from 'vitest';
import { validatorCompiler } from './validator.js';

const query = Type.Object({
  limit: Type.Optional(Type.Integer({ minimum: -5, maximum: 1_000 })),
  returned: Type.Optional(Type.Boolean()),
  cursor: Type.Optional(Type.String()),
});
const validate = validatorCompiler({ schema: query, method: 'GET', url: '/', httpPart: 'querystring' });

describe('a parameter of a query', () => {
  test.each([
    [{ limit: '7' }, { limit: 7 }],
    [{ limit: '-3' }, { limit: -3 }],
    [{ limit: '007' }, { limit: 7 }],
    [{ returned: 'true' }, { returned: true }],
    [{ returned: 'false' }, { returned: false }],
    [{ cursor: '12' }, { cursor: '12' }],
    [{}, {}],
  ])('%j is read as it is written', (written, read) => {
    expect(validate(written)).toEqual({ value: read });
  });

  test.each([
    { limit: '5.5' },
    { limit: '' },
    { limit: ' 5' },
    { limit: 'true' },
    { limit: '1e2' },
    { limit: '0x10' },
    { limit: '5n' },
    { limit: '٣' },
    { limit: ['3', '4'] },
    { returned: '' },
    { returned: '1' },
    { returned: 'TRUE' },
    { returned: 'no' },
  ])('%j is refused, and not taken for the nearest that would do', (written) => {
    expect(validate(written)).toHaveProperty('error');
  });

  test('leaves what it was given as it came', () => {
    const written = { limit: '7' };
    validate(written);
    expect(written).toEqual({ limit: '7' });
  });
});

test('a body is taken as it is: JSON has its own numbers', () => {
  const body = validatorCompiler({ schema: query, method: 'POST', url: '/', httpPart: 'body' });
  expect(body({ limit: 7 })).toEqual({ value: { limit: 7 } });
  expect(body({ limit: '7' })).toHaveProperty('error');
});
