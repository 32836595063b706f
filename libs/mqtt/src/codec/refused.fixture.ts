import { expect } from 'vitest';
import type { Packet, ProtocolVersion } from '../packets/packet.js';
import type { ProtocolError } from '../packets/protocol-error.js';
import { Decoder } from './decoding/decoder.js';

export const MALFORMED = 0x81;
export const PROTOCOL_ERROR = 0x82;
export const TOPIC_NAME_INVALID = 0x90;
export const TOPIC_ALIAS_INVALID = 0x94;

/** What is sent, in the notation of `bytesOf`, and the reason code that it is refused with. */
export type Case = readonly [guarantee: string, bytes: string, reasonCode: number];

/**
 * Hexadecimal bytes, in which `~` is the remaining length of what follows, `P` empty properties (nothing in 3.1.1), `MQTT` the
 * protocol name, `L` the protocol level, and "text" a string with its length.
 */
export function bytesOf(notation: string, version: ProtocolVersion): Buffer {
  const hex = notation
    .replaceAll(/"([^"]*)"/g, (_, text: string) => string(text))
    .replaceAll('MQTT', string('MQTT'))
    .replaceAll('P', version === 5 ? '00' : '')
    .replaceAll('L', `0${version}`)
    .replaceAll(' ', '');
  const [header = '', body] = hex.split('~').map((part) => Buffer.from(part, 'hex'));
  if (body === undefined) return Buffer.from(hex, 'hex');
  if (body.length > 127) throw new Error('the notation is for short packets');
  return Buffer.concat([Buffer.from(header), Buffer.of(body.length), body]);
}

/** The first result of one stream. After an error there is nothing more. */
export function decode(bytes: Buffer, version: ProtocolVersion | undefined, maxPacketBytes = 1 << 20): Packet | ProtocolError | undefined {
  const decoder = new Decoder({ maxPacketBytes, ...(version === undefined ? {} : { protocolVersion: version }) });
  decoder.push(bytes);
  const result = decoder.next();
  if (result?.type === 'protocol-error') expect(decoder.next()).toBeUndefined();
  return result;
}

/** Refused as a packet of a connection at this level; CONNECT is the first packet of one. */
export function expectRefusal(notation: string, version: ProtocolVersion, reasonCode: number): void {
  const bytes = bytesOf(notation, version);
  expect(decode(bytes, notation.startsWith('10') ? undefined : version)).toMatchObject({ type: 'protocol-error', reasonCode });
}

function string(text: string): string {
  const bytes = Buffer.from(text);
  return Buffer.concat([Buffer.of(bytes.length >> 8, bytes.length & 0xff), bytes]).toString('hex');
}
