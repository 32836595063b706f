import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { packJson, unpackJson } from './packed.js';

describe('packed JSON', () => {
  it('is unpacked to what was packed, short or long', async () => {
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), fc.integer({ min: 0, max: 30_000 }), async (value, length) => {
        const whole = JSON.parse(JSON.stringify({ value, padding: 'x'.repeat(length) }));
        expect(await unpackJson(await packJson(whole))).toEqual(whole);
      }),
      { numRuns: 50 },
    );
  });

  it('of much repetition is shorter than its text', async () => {
    const value = Array.from({ length: 500 }, () => ({ kind: 'lease', node: 'broker-1' }));
    expect((await packJson(value)).length).toBeLessThan(JSON.stringify(value).length / 10);
  });

  it('of an unknown kind is refused, not guessed', async () => {
    await expect(unpackJson(Buffer.from([9, 1, 2]))).rejects.toThrow('begins with 9');
  });
});
