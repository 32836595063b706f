import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { maxUnpackedBytes, unpack } from './unpack.js';

const text = Buffer.from(JSON.stringify([{ recordedAt: 1_700_000_000_000, latitude: 43.5, longitude: -80.5 }]));

describe('unpack', () => {
  it('gives plain payloads back untouched', () => {
    expect(unpack(text, undefined)).toEqual({ ok: true, bytes: text });
  });

  it.each([['gzip'], ['GZIP'], ['x-gzip'], [undefined], ['identity']])(
    'unpacks gzip when content-encoding is %s: the magic bytes are enough',
    (encoding) => {
      expect(unpack(gzipSync(text), encoding)).toEqual({ ok: true, bytes: text });
    },
  );

  it('unpacks all members of a concatenated gzip', () => {
    expect(unpack(Buffer.concat([gzipSync('{"a":'), gzipSync('1}')]), 'gzip')).toEqual({ ok: true, bytes: Buffer.from('{"a":1}') });
  });

  it('refuses a bomb by its ratio, and by its size', () => {
    const byRatio = unpack(gzipSync(Buffer.alloc(1_000_000, 32)), 'gzip');
    expect(byRatio).toMatchObject({ ok: false, fault: { code: 'too_large_unpacked', pointer: '' } });
    const noise = Buffer.alloc(maxUnpackedBytes + 1);
    for (let i = 0; i < noise.length; i += 1) noise[i] = (i * 2_654_435_761) >>> 24;
    expect(unpack(gzipSync(noise, { level: 1 }), 'gzip')).toMatchObject({ ok: false, fault: { code: 'too_large_unpacked' } });
    expect(unpack(noise, undefined)).toMatchObject({ ok: false, fault: { code: 'too_large_unpacked' } });
  });

  it.each([
    ['truncated', gzipSync(text).subarray(0, -9), 'gzip'],
    ['not gzip at all', text, 'gzip'],
    ['of an unknown encoding', text, 'br'],
  ])('refuses a payload that is %s', (_, payload, encoding) => {
    expect(unpack(payload, encoding)).toMatchObject({ ok: false, fault: { code: 'invalid_encoding', pointer: '' } });
  });
});
