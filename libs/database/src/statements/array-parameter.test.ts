import { describe, expect, it } from 'vitest';
import { arrayParameter } from './array-parameter.js';
import { bound, sql } from './sql.js';

describe('arrayParameter', () => {
  // As array_send of Postgres gives them: dimensions, nulls, element type, length, lower bound; then the elements.
  it.each([
    ['integer', [1, null, -2], '00000001 00000001 00000017 00000003 00000001  00000004 00000001  ffffffff  00000004 fffffffe'],
    ['bigint', [4_294_967_297, -1], '00000001 00000000 00000014 00000002 00000001  00000008 0000000100000001  00000008 ffffffffffffffff'],
    ['bigint', [-4_294_967_298n], '00000001 00000000 00000014 00000001 00000001  00000008 fffffffefffffffe'],
    ['bigint', [-4_294_967_298], '00000001 00000000 00000014 00000001 00000001  00000008 fffffffefffffffe'],
    ['double precision', [1.5, -0], '00000001 00000000 000002bd 00000002 00000001  00000008 3ff8000000000000  00000008 0000000000000000'],
    ['boolean', [true, false], '00000001 00000000 00000010 00000002 00000001  00000001 01  00000001 00'],
    ['bytea', [Buffer.from('ff00', 'hex'), null], '00000001 00000001 00000011 00000002 00000001  00000002 ff00  ffffffff'],
    ['text', ['é', undefined, ''], '00000001 00000001 00000019 00000003 00000001  00000002 c3a9  ffffffff  00000000'],
  ] as const)('writes %s[] %# as Postgres does', (type, values, hex) => {
    expect(arrayParameter(type, values).toString('hex')).toBe(hex.replaceAll(' ', ''));
  });

  it.each([
    ['integer', 1.5],
    ['integer', 2_147_483_648],
    ['bigint', 2 ** 53],
    ['bigint', '1'],
    ['double precision', '1'],
    ['text', 1],
    ['bytea', 'ff'],
  ] as const)('refuses to write for %s[] what is none: %j', (type, value) => {
    expect(() => arrayParameter(type, [value])).toThrow();
  });

  it('says of a number that is too large what Postgres would say: the record is to blame, and not the program', () => {
    expect(() => arrayParameter('integer', [2_147_483_648])).toThrow(expect.objectContaining({ code: '22003' }));
    expect(() => arrayParameter('bigint', [2 ** 53])).toThrow(expect.objectContaining({ code: '22003' }));
  });
});

describe('bound', () => {
  it('writes in binary the arrays that the statement casts, and leaves every other value alone', () => {
    const { name, values } = bound(sql('ingest/upsert-contacts'), [[1], [2], [3], [null], true]);
    expect(name).toBe('ingest/upsert-contacts');
    expect(values.slice(0, 4).every((value) => Buffer.isBuffer(value))).toBe(true);
    expect(values[4]).toBe(true);
  });
});
