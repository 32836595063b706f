import { randomBytes } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import { signatureHeaders } from './sign.js';

const secret = () => `whsec_${randomBytes(24).toString('base64')}`;
const message = {
  id: '019aa1b2-0000-7000-8000-000000000000',
  timestamp: Math.floor(Date.now() / 1_000),
  body: '{"type":"alert.opened","note":"Zürich ✓"}',
};

describe('signatureHeaders', () => {
  it('makes signatures that the standardwebhooks package accepts', () => {
    const key = secret();
    expect(new Webhook(key).verify(message.body, signatureHeaders(message, [key]))).toEqual(JSON.parse(message.body));
  });

  it('signs with both secrets during rotation, so that a receiver may know either', () => {
    const [current, previous] = [secret(), secret()];
    const headers = signatureHeaders(message, [current, previous]);
    expect(headers['webhook-signature']).toMatch(/^v1,\S+ v1,\S+$/);
    for (const key of [current, previous]) expect(() => new Webhook(key).verify(message.body, headers)).not.toThrow();
    expect(() => new Webhook(secret()).verify(message.body, headers)).toThrow();
  });

  it.each(['body', 'id'] as const)('covers the %s', (part) => {
    const key = secret();
    const headers = signatureHeaders({ ...message, [part]: `${message[part]} ` }, [key]);
    expect(() => new Webhook(key).verify(message.body, { ...headers, 'webhook-id': message.id })).toThrow();
  });

  it('refuses to sign with a secret that is none', () => {
    for (const wrong of ['', 'whsec_', 'secret']) expect(() => signatureHeaders(message, [wrong])).toThrow('whsec_');
  });
});
