import { describe, expect, it } from 'vitest';
import { itemIdentity } from './identity.js';

describe('itemIdentity', () => {
  it('depends neither on the order of the fields nor on vehicleId', () => {
    const one = itemIdentity({ recordedAt: 1_700_000_000_000, latitude: 43.5, longitude: -80.5 });
    expect(itemIdentity({ vehicleId: 'truck-1', longitude: -80.5, latitude: 43.5, recordedAt: 1_700_000_000_000 })).toBe(one);
  });

  it('tells items apart that differ in any field, also inside nested ones', () => {
    const identities = new Set([
      itemIdentity({ recordedAt: 1, attributes: { a: 1 } }),
      itemIdentity({ recordedAt: 1, attributes: { a: 2 } }),
      itemIdentity({ recordedAt: 1, attributes: { a: '1' } }),
      itemIdentity({ recordedAt: '1', attributes: { a: 1 } }),
    ]);
    expect(identities.size).toBe(4);
  });

  // Vectors: computed once with the sha256 of the canonical text in the comment. No release may change them.
  it.each([
    [{ recordedAt: 1_700_000_000_000, latitude: 43.5, longitude: -80.5 }, '{"latitude":43.5,"longitude":-80.5,"recordedAt":1700000000000}'],
    [
      { recordedAt: '2026-11-23T10:00:00Z', speedKph: 1e21, driverId: 'é\u20ac' },
      '{"driverId":"é€","recordedAt":"2026-11-23T10:00:00Z","speedKph":1e+21}',
    ],
    [{}, '{}'],
  ])('keeps the vector of %j', async (item, canonical) => {
    const { createHash } = await import('node:crypto');
    expect(itemIdentity(item)).toBe(createHash('sha256').update(canonical, 'utf8').digest().readBigInt64BE(0));
  });

  it('keeps the published numbers', () => {
    expect([itemIdentity({ recordedAt: 1_700_000_000_000, latitude: 43.5, longitude: -80.5 }), itemIdentity({})]).toMatchInlineSnapshot(`
      [
        -6381332286393577111n,
        4905387166444775306n,
      ]
    `);
  });
});
