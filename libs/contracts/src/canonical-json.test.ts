import canonicalizeModule from 'canonicalize';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { canonicalJson } from './canonical-json.js';

const canonicalize = canonicalizeModule as unknown as (value: unknown) => string | undefined;

it('is the RFC 8785 form that its author gives, of anything that JSON can say', () => {
  const key = fc.oneof(
    fc.string(),
    fc.constantFrom('0', '10', '9', '01', '__proto__', 'toJSON', 'constructor', 'é', '\u20ac', '\ud83d\ude00', ''),
  );
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.string({ unit: 'binary' }),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(key, tie('value'), { maxKeys: 5 }),
    ),
  }));
  fc.assert(
    fc.property(fc.dictionary(key, value, { maxKeys: 8 }), (drawn) => {
      const item = JSON.parse(JSON.stringify(drawn)) as Record<string, unknown>;
      expect(canonicalJson(item)).toBe(canonicalize(item));
    }),
    { numRuns: 150 },
  );
});

it.each([
  ['{"b":1,"vehicleId":"v","a":{"vehicleId":2}}', '{"a":{"vehicleId":2},"b":1}'],
  ['{"10":1,"9":2,"vehicleId":"v"}', '{"10":1,"9":2}'],
  ['{"__proto__":{"b":1,"a":2},"vehicleId":"v"}', '{"__proto__":{"a":2,"b":1}}'],
  ['{"a":[{"2":0,"10":1}],"vehicleId":"v"}', '{"a":[{"10":1,"2":0}]}'],
])('leaves the named member of %s out, of the outermost object alone', (text, canonical) => {
  expect(canonicalJson(JSON.parse(text) as Record<string, unknown>, 'vehicleId')).toBe(canonical);
});

it.each([Number.NaN, Number.POSITIVE_INFINITY])('refuses %s', (number) => {
  expect(() => canonicalJson({ a: [number] })).toThrow();
});
