import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonFaultIn, jsonFaultText } from './json-fault.js';

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

describe('jsonFaultIn', () => {
  it.each([
    ['{"a":1,}', 1, 8, '}', 'a name in double quotes'],
    ['{\n  "a": tru\n}', 2, 8, 't', 'a value'],
    ['{"a":1', 1, 7, undefined, 'a comma or }'],
    ['[1,\n2', 2, 2, undefined, 'a comma or ]'],
    ['[1 2]', 1, 4, '2', 'a comma or ]'],
    ["{'a':1}", 1, 2, "'", 'a name in double quotes or }'],
    ['{"a" 1}', 1, 6, '1', 'a colon'],
    ['01', 1, 2, '1', 'the end of the body'],
    ['"a\nb"', 1, 3, '\n', 'the end of the text in quotes'],
    ['"\\x"', 1, 2, '\\', 'the end of the text in quotes'],
    ['[NaN]', 1, 2, 'N', 'a value or ]'],
    [' ', 1, 2, undefined, 'a value'],
  ])('finds the fault of %j', (text, line, column, found, expected) => {
    expect(jsonFaultIn(text)).toMatchObject({ line, column, found, expected: expect.stringContaining(expected) });
  });

  it('finds one in exactly what JSON.parse refuses', () => {
    fc.assert(
      fc.property(fc.json(), fc.nat(), fc.constantFrom('', ',', '"', '}', ']', ':', '1', '-', '\\', 'e', ' ', '\n'), (json, place, put) => {
        const at = place % (json.length + 1);
        for (const text of [json, json.slice(0, at) + put + json.slice(at), json.slice(0, at) + put + json.slice(at + 1)]) {
          expect(jsonFaultIn(text) === undefined, text).toBe(isJson(text));
        }
      }),
      { numRuns: 500 },
    );
  });

  it('is quick and safe with a body of the largest size, however deep', () => {
    expect(jsonFaultIn('['.repeat(1 << 20))).toMatchObject({ column: (1 << 20) + 1 });
    expect(jsonFaultIn(`"${'a\\n'.repeat(300_000)}`)).toMatchObject({ found: undefined });
  });

  it('says it in words', () => {
    expect(jsonFaultText('{"a":1,}')).toBe('at line 1, column 8 stands "}", where a name in double quotes should be');
    expect(jsonFaultText('[')).toBe('at line 1, column 2 the body ends, where a value or ] should be');
    expect(jsonFaultText('[]')).toBeUndefined();
  });
});
