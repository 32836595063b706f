import { describe, expect, it } from 'vitest';
import { maxDepth, storabilityFaults } from './storable.js';

const faultsOf = (text: string) => storabilityFaults(JSON.parse(text), '/3');

describe('storabilityFaults', () => {
  it('finds nothing in an ordinary item', () => {
    expect(
      faultsOf('{"recordedAt":1,"driverId":"Zoë 🚚","events":[{"name":"sos"}],"attributes":{"a":null,"b":true,"c":-1.5e300}}'),
    ).toEqual([]);
  });

  it.each([
    ['U+0000 in a string', '{"driverId":"a\\u0000b"}', '/3/driverId'],
    ['U+0000 deep inside', '{"events":[{"name":"x"},{"name":"\\u0000"}]}', '/3/events/1/name'],
    ['U+0000 in a name', '{"a\\u0000":1}', '/3/a\0'],
    ['a high surrogate alone', '{"a/b":{"c~d":"\\ud83d"}}', '/3/a~1b/c~0d'],
    ['a low surrogate alone', '{"a":"\\udc00x"}', '/3/a'],
    ['a number beyond the doubles', '{"x":[1,1e999]}', '/3/x/1'],
  ])('points at %s', (_, text, pointer) => {
    expect(faultsOf(text)).toEqual([{ code: 'not_storable', pointer, message: expect.any(String) }]);
  });

  it('bounds the nesting, and its own', () => {
    const nested = (levels: number) => `{"x":${'['.repeat(levels)}${']'.repeat(levels)}}`;
    expect(faultsOf(nested(maxDepth - 1))).toEqual([]);
    expect(faultsOf(nested(maxDepth))).toHaveLength(1);
    expect(faultsOf(nested(100_000))).toHaveLength(1);
  });
});
