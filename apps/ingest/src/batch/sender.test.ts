import { describe, expect, it } from 'vitest';
import { claimOf } from './sender.js';

const claim = (key: string | null, organisation?: string | Buffer) =>
  claimOf({ key, headers: organisation === undefined ? {} : { organisation: Buffer.from(organisation) } });

describe('claimOf', () => {
  it('takes the vehicle from the key and the organisation from the header', () => {
    expect(claim('truck-1', 'acme')).toEqual({ ok: true, vehicleId: 'truck-1', organisation: 'acme' });
  });

  it.each([[null], [''], ['-x'], ['a b'], ['a\0'], ['x'.repeat(65)]])('believes no key %j', (key) => {
    expect(claim(key, 'acme')).toMatchObject({ ok: false, vehicleId: null, fault: { code: 'missing_key' } });
  });

  it.each([
    ['absent', undefined],
    ['empty', ''],
    ['longer than 128 characters', 'é'.repeat(129)],
    ['with U+0000', 'a\0b'],
    ['not UTF-8', Buffer.from([0x61, 0xff])],
  ])('believes no organisation that is %s', (_, organisation) => {
    expect(claim('truck-1', organisation)).toMatchObject({ ok: false, vehicleId: 'truck-1', fault: { code: 'missing_organisation' } });
  });
});
