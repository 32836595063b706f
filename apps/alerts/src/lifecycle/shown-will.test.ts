import { expect, test } from 'vitest';
import { shownWill } from './shown-will.js';

const shown = (payload: Buffer) => shownWill({ topic: 'fleet/v/status', payloadBase64: payload.toString('base64'), delaySeconds: 0 });

test('a will’s payload stands on the alert as text where it is text, and as bytes always', () => {
  expect(shown(Buffer.from('{"status":"offline","reason":"tünnel"}'))).toMatchObject({ text: '{"status":"offline","reason":"tünnel"}' });
  for (const bytes of [Buffer.from([0xff, 0xfe]), Buffer.from('a\0b'), Buffer.alloc(0)]) {
    expect(shown(bytes)).toEqual({ topic: 'fleet/v/status', payloadBase64: bytes.toString('base64') });
  }
});
