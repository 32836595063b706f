import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { parsePayload } from './parse-payload.js';

const location = { contentEncoding: undefined, batches: true };
const parse = (text: string) => parsePayload(Buffer.from(text), location);

describe('parsePayload', () => {
  it('takes one object, or an array of up to 1,000', () => {
    expect(parse('{"a":1}')).toMatchObject({ ok: true, batched: false, items: [{ a: 1 }] });
    expect(parse('[{"a":1},{"a":2}]')).toMatchObject({ ok: true, batched: true, items: [{ a: 1 }, { a: 2 }] });
    expect(parse(JSON.stringify(Array(1_000).fill({})))).toMatchObject({ ok: true });
    expect(parse(JSON.stringify(Array(1_001).fill({})))).toMatchObject({ ok: false, fault: { code: 'too_many_items' } });
    expect(parse('[]')).toMatchObject({ ok: false, fault: { code: 'empty_batch' } });
  });

  it('leaves an array whole where no batches are taken: it is one wrong item', () => {
    expect(parsePayload(Buffer.from('[{}]'), { contentEncoding: undefined, batches: false })).toMatchObject({ ok: true, items: [[{}]] });
  });

  it('counts the unpacked bytes', () => {
    expect(parsePayload(gzipSync('{"a":1}'), location)).toMatchObject({ ok: true, bytes: 7 });
  });

  it.each([
    ['NaN', '{"latitude":NaN}'],
    ['Infinity', '{"latitude":Infinity}'],
    ['single quotes', "{'a':1}"],
    ['a trailing comma', '[{"a":1},]'],
    ['nothing', ''],
  ])('refuses %s as invalid_json', (_, text) => {
    expect(parse(text)).toMatchObject({ ok: false, fault: { code: 'invalid_json', pointer: '' } });
  });

  it('refuses bytes that are not UTF-8', () => {
    expect(parsePayload(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), location)).toMatchObject({
      ok: false,
      fault: { code: 'invalid_json' },
    });
  });

  it('takes the last of duplicate keys', () => {
    expect(parse('{"a":1,"a":2}')).toMatchObject({ items: [{ a: 2 }] });
  });

  it('does not fall over nesting a hundred thousand deep', () => {
    const deep = '['.repeat(100_000) + ']'.repeat(100_000);
    expect(() => parsePayload(Buffer.from(deep), { contentEncoding: undefined, batches: false })).not.toThrow();
  });
});
