import { describe, expect, it } from 'vitest';
import { checkCustomHeaders, maxCustomHeaders } from './custom-headers.js';

const codesOf = (headers: Record<string, string>) => {
  const verdict = checkCustomHeaders(headers);
  return verdict.ok ? [] : verdict.refusals.map(({ code }) => code);
};

describe('checkCustomHeaders', () => {
  it('takes names and values that are the receiver’s own, and lowers the names', () => {
    expect(checkCustomHeaders({ Authorization: 'Bearer a b\tc', 'X-Team': 'ops', 'x-empty': '' })).toEqual({
      ok: true,
      headers: { authorization: 'Bearer a b\tc', 'x-team': 'ops', 'x-empty': '' },
    });
  });

  it.each([
    'Host',
    'content-length',
    'Content-Type',
    'content-encoding',
    'Connection',
    'keep-alive',
    'Proxy-Authorization',
    'proxy-connection',
    'TE',
    'Trailer',
    'transfer-encoding',
    'Upgrade',
    'HTTP2-Settings',
    'expect',
    'User-Agent',
    'webhook-id',
    'Webhook-Signature',
    'webhook-anything',
  ])('refuses %s: it is not for the receiver to set', (name) => expect(codesOf({ [name]: 'x' })).toEqual(['not_allowed']));

  it.each(['', 'with space', 'colon:', 'ümlaut', 'x'.repeat(65), 'line\nbreak'])('refuses the name %j', (name) =>
    expect(codesOf({ [name]: 'x' })).toEqual(['invalid_name']),
  );

  it.each(['a\r\nhost: evil', 'a\nb', 'nul\0', ' leading', 'trailing ', 'ü', 'x'.repeat(2_049)])('refuses the value %j', (value) =>
    expect(codesOf({ 'x-a': value })).toEqual(['invalid_value']),
  );

  it('refuses a name that stands there twice, and more than there may be', () => {
    expect(codesOf({ 'X-A': '1', 'x-a': '2' })).toEqual(['repeated']);
    const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, n) => [`x-${n}`, 'v']));
    expect(codesOf(many(maxCustomHeaders))).toEqual([]);
    expect(codesOf(many(maxCustomHeaders + 1))).toEqual(['too_many']);
  });
});
