import Type from 'typebox';
import { Compile } from 'typebox/compile';
import { describe, expect, it } from 'vitest';
import { schemaFaults } from './schema-faults.js';

const schema = Compile(
  Type.Object({
    level: Type.Optional(Type.Enum(['low', 'high'])),
    at: Type.Union([Type.String({ format: 'date-time' }), Type.Integer()]),
    until: Type.Optional(Type.Union([Type.String({ format: 'date-time' }), Type.Integer()], { description: 'a time, or milliseconds' })),
    colour: Type.Optional(Type.String({ pattern: '^#[0-9a-f]{6}$', description: 'a colour like #00ff00' })),
    shade: Type.Optional(Type.String({ pattern: '^#[0-9a-f]{6}$' })),
    'a/b': Type.Optional(Type.Number({ maximum: 90 })),
    list: Type.Optional(
      Type.Array(Type.Union([Type.Object({ code: Type.String({ pattern: '^P' }) }), Type.Object({ spn: Type.Integer() })])),
    ),
  }),
);
const faultsOf = (value: unknown) => schemaFaults(schema.Errors(value), schema.Type());

describe('schemaFaults', () => {
  it('gives a missing field the pointer that it would have', () => {
    expect(faultsOf({})).toEqual([{ code: 'missing_field', pointer: '/at', message: 'is required' }]);
  });

  it('says of a union once what its branches want', () => {
    expect(faultsOf({ at: true })).toEqual([
      { code: 'invalid_field', pointer: '/at', message: expect.stringMatching(/string, or .*integer/) },
    ]);
  });

  it('says what is allowed', () => {
    expect(faultsOf({ at: 1, level: 'loud' })).toMatchObject([{ pointer: '/level', message: 'must be one of low, high' }]);
    expect(faultsOf({ at: 'now' })).toMatchObject([{ message: expect.stringContaining('like 2026-11-24T06:00:00Z, or must be integer') }]);
  });

  it.each([true, 1.5, 'now', null])('says of %j what the union says of itself, and nothing of its branches', (until) => {
    expect(faultsOf({ at: 1, until })).toEqual([{ code: 'invalid_field', pointer: '/until', message: 'must be a time, or milliseconds' }]);
  });

  it('says of a pattern what its value is, and shows it only where nobody has said that', () => {
    expect(faultsOf({ at: 1, colour: 'red' })).toMatchObject([{ pointer: '/colour', message: 'must be a colour like #00ff00' }]);
    expect(faultsOf({ at: 1, colour: 5 })).toMatchObject([{ pointer: '/colour', message: 'must be string' }]);
    expect(faultsOf({ at: 1, shade: 'red' })).toMatchObject([{ pointer: '/shade', message: 'must match pattern "^#[0-9a-f]{6}$"' }]);
  });

  it('says of objects of several kinds what each of them lacks', () => {
    expect(faultsOf({ at: 1, list: [{ status: 'on' }] })).toMatchObject([{ pointer: '/list/0', message: 'must have code, or spn' }]);
  });

  it('points inside of a branch where it can', () => {
    expect(faultsOf({ at: 1, list: [{ code: 'X' }] })).toMatchObject([{ pointer: '/list/0/code' }]);
    expect(faultsOf({ at: 1, list: [{ code: 'P' }, {}] })).toEqual([
      { code: 'invalid_field', pointer: '/list/1', message: 'must have code, or spn' },
    ]);
  });

  it('escapes names in pointers', () => {
    expect(faultsOf({ at: 1, 'a/b': 91 })).toMatchObject([{ pointer: '/a~1b', message: 'must be <= 90' }]);
  });
});
