import { describe, expect, it } from 'vitest';
import { readRecord } from './read-record.js';

const read = (value: unknown) => readRecord({ value: Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)) });
const lease = { kind: 'lease', node: 'a', epoch: 1, counter: 1, role: 'broker', partition: 0 };

describe('readRecord', () => {
  it('takes what the contract allows, and fields that it does not know yet', () => {
    expect(read(lease)).toEqual({ ok: true, record: lease });
    expect(read({ ...lease, later: true }).ok).toBe(true);
  });

  it.each([
    ['a tombstone', undefined],
    ['no JSON', '{'],
    ['no object', '7'],
    ['an unknown kind', { ...lease, kind: 'gossip' }],
    ['a missing field', { ...lease, epoch: undefined }],
    ['a NUL that Postgres cannot store', { ...lease, node: 'a\0' }],
  ])('says why it cannot read %s, and throws nothing', (_, value) => {
    const result = value === undefined ? readRecord({ value: null }) : read(value);
    expect(result).toMatchObject({ ok: false, error: expect.any(String) });
  });
});
