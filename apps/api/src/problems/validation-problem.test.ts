import { PolicyPutSchema, SnoozeSchema, VehicleGroupCreateSchema, WebhookUpdateSchema } from '@milepost/contracts';
import Type, { type TSchema } from 'typebox';
import { describe, expect, test } from 'vitest';
import { validatorCompiler } from '../validator.js';
import { validationProblem } from './validation-problem.js';

const schema = Type.Object(
  {
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000 })),
    kind: Type.Optional(Type.Enum(['a', 'b'])),
    list: Type.Optional(Type.Array(Type.Object({ 'a/b~c': Type.String() }))),
    name: Type.String({ maxLength: 3 }),
  },
  { additionalProperties: false },
);

function problemOf(value: unknown, context: string, checked: TSchema = schema) {
  const validate = validatorCompiler({ schema: checked, method: 'GET', url: '/', httpPart: context }) as (value: unknown) => {
    error?: unknown[];
  };
  const { error } = validate(value);
  if (!error) throw new Error('The value is valid');
  return validationProblem(error as Parameters<typeof validationProblem>[0], context, value).body;
}

describe('a failed validation', () => {
  test('names each parameter that is wrong, once', () => {
    const { errors, detail } = problemOf({ limit: 'ten', kind: 'c', colour: 'blue', name: 'x' }, 'querystring');
    expect(errors).toEqual([
      { parameter: 'colour', code: 'unknown', message: expect.stringContaining('not known') },
      { parameter: 'limit', code: 'wrong_type', message: 'must be integer' },
      { parameter: 'kind', code: 'not_allowed', message: 'must be one of a, b' },
    ]);
    expect(detail).toContain('limit: must be integer');
  });

  test('says which limit was passed', () => {
    expect(problemOf({ limit: '1001', name: 'x' }, 'querystring')).toMatchObject({
      limit: 1_000,
      errors: [{ parameter: 'limit', code: 'too_large' }],
    });
  });

  test('says no limit of a field in a body beside its message', () => {
    expect(problemOf({ limit: 1_001, name: 'x' }, 'body')).not.toHaveProperty('limit');
  });

  test('of a maintenance window names all that is wrong with the kind that is meant', () => {
    const of = (window: object) => problemOf({ settings: { maintenanceWindows: [window] } }, 'body', PolicyPutSchema).errors;
    const at = '/settings/maintenanceWindows/0';
    const [noTime, noZone] = [
      { pointer: `${at}/start`, code: 'wrong_format', message: 'must be a time of day like 22:00, at most 23:59' },
      { pointer: `${at}/timeZone`, code: 'wrong_format', message: 'is no IANA time zone, like Europe/Berlin' },
    ];
    const weekly = { weekdays: ['monday'], start: '25:00', durationMinutes: 60, timeZone: 'Mars/X' };
    expect(of(weekly)).toEqual([noTime, noZone]);
    expect(of({ ...weekly, from: '2026-01-01T00:00:00Z', to: 'later' })).toEqual([
      { pointer: `${at}/from`, code: 'unknown', message: expect.any(String) },
      { pointer: `${at}/to`, code: 'unknown', message: expect.any(String) },
      noTime,
      noZone,
    ]);
    const mixed = of({ start: '25:00', end: '26:00', timeZone: 'Mars/X' });
    expect(mixed?.map(({ pointer }) => pointer?.slice(at.length + 1))).toEqual(['weekdays', 'durationMinutes', 'end', 'start', 'timeZone']);
    expect(of({ from: 'now', to: '2026-01-01T00:00:00Z' })).toEqual([
      { pointer: `${at}/from`, code: 'wrong_format', message: 'must be an RFC 3339 time like 2026-11-24T06:00:00Z' },
    ]);
  });

  test('says what a text must be, where a pattern would say it to nobody', () => {
    expect(problemOf({ vehicleIds: ['truck-1', 'truck 2'] }, 'body', WebhookUpdateSchema).errors).toEqual([
      {
        pointer: '/vehicleIds/1',
        code: 'wrong_format',
        message: 'must be a vehicle id: 1 to 64 letters, digits, dots, underscores and hyphens, the first a letter or digit',
      },
    ]);
    const messageOf = (value: object, checked: TSchema) => problemOf(value, 'body', checked).errors?.map(({ message }) => message);
    expect(messageOf({ description: 'a\u0000b' }, WebhookUpdateSchema)).toEqual(['must not hold the character U+0000']);
    expect(messageOf({ name: 'a\nb' }, VehicleGroupCreateSchema)).toEqual(['must hold no control characters']);
    expect(messageOf({ name: '' }, VehicleGroupCreateSchema)).toEqual(['must not have fewer than 1 characters']);
    expect(messageOf({ until: '2030-06-30T23:59:60Z' }, SnoozeSchema)).toEqual([
      'must be a time of the years 1000 to 2999, and no leap second',
    ]);
  });

  test('says of a parameter that is given again that it is', () => {
    const twice = { limit: ['1', '2'], kind: ['a', 'b'], name: 'x' };
    expect(problemOf(twice, 'querystring').errors).toEqual([
      { parameter: 'limit', code: 'repeated', message: 'is given more than once' },
      { parameter: 'kind', code: 'repeated', message: 'is given more than once' },
    ]);
  });

  test('says of a body that is not there, or says nothing, what it is to be', () => {
    expect(problemOf(undefined, 'body')).toMatchObject({
      detail: 'the body is missing; send a JSON object',
      errors: [{ pointer: '', code: 'missing' }],
    });
    expect(problemOf({}, 'body', WebhookUpdateSchema)).toMatchObject({ detail: 'body: must say at least one thing to change' });
  });

  test('names what is missing', () => {
    expect(problemOf({}, 'querystring').errors).toEqual([{ parameter: 'name', code: 'missing', message: 'is missing' }]);
  });

  test('points into a body (RFC 6901)', () => {
    expect(problemOf({ name: 'long', list: [{ 'a/b~c': 1 }] }, 'body').errors).toMatchObject([
      { pointer: '/list/0/a~1b~0c', code: 'wrong_type' },
      { pointer: '/name', code: 'too_long' },
    ]);
    expect(problemOf('text', 'body').errors).toMatchObject([{ pointer: '', code: 'wrong_type' }]);
  });

  test('of a union speaks of the alternative that is meant', () => {
    const circle = Type.Object({ type: Type.Literal('Circle'), radiusM: Type.Integer({ minimum: 10 }) }, { additionalProperties: false });
    const polygon = Type.Object(
      { type: Type.Literal('Polygon'), rings: Type.Array(Type.Number({ maximum: 180 })) },
      { additionalProperties: false },
    );
    const shapes = Type.Object({ shapes: Type.Array(Type.Union([circle, polygon])) });
    const of = (...values: unknown[]) => problemOf({ shapes: values }, 'body', shapes).errors;
    expect(of({ type: 'Circle', radiusM: 0 })).toEqual([{ pointer: '/shapes/0/radiusM', code: 'too_small', message: 'must be >= 10' }]);
    expect(of({ type: 'Circle', radiusM: 10 }, { type: 'Polygon', rings: [190] })).toEqual([
      { pointer: '/shapes/1/rings/0', code: 'too_large', message: 'must be <= 180' },
    ]);
    const many = problemOf({ shapes: [{ type: 'Polygon', rings: Array.from({ length: 2_000 }, () => 200) }] }, 'body', shapes);
    expect(many.errors).toHaveLength(16);
    expect(many.errors?.every(({ pointer }) => pointer?.startsWith('/shapes/0/rings/'))).toBe(true);
    expect(many.detail).toMatch(/; and 1984 more$/);
    expect(of({ type: 'Square', radiusM: 10 })).toEqual([{ pointer: '/shapes/0/type', code: 'not_allowed', message: 'must be "Circle"' }]);
  });
});
