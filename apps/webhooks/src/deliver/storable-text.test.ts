import { describe, expect, it } from 'vitest';
import { excerptOf, maxExcerptBytes, storableError } from './storable-text.js';

describe('excerptOf', () => {
  it('keeps a short answer whole', () => expect(excerptOf(Buffer.from('grüezi'))).toBe('grüezi'));

  it('cuts at 1 KiB and never within a character', () => {
    const text = excerptOf(Buffer.from(`${'x'.repeat(maxExcerptBytes - 1)}€€`));
    expect(text).toBe('x'.repeat(maxExcerptBytes - 1));
  });

  it('leaves out U+0000, which Postgres does not take', () => expect(excerptOf(Buffer.from('a\0b'))).toBe('ab'));

  it('replaces what is not UTF-8', () => {
    expect(excerptOf(Buffer.from([0x61, 0xff, 0x62]))).toBe('a\ufffdb');
    expect(excerptOf(Buffer.from([0x61, 0xe2, 0x82]))).toBe('a\ufffd');
  });
});

describe('storableError', () => {
  it('is bounded, well-formed and without U+0000', () => {
    const error = storableError(`\0${'x'.repeat(499)}😀`);
    expect(error).toBe(`${'x'.repeat(499)}\ufffd`);
  });
});
