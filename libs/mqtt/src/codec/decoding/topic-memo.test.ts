import { expect, it } from 'vitest';
import type { Publish } from '../../packets/packet.js';
import { NO_PROPERTIES } from '../../packets/properties.js';
import { encode } from '../encoding/encoder.js';
import { Decoder } from './decoder.js';

function publish(topic: string): Publish {
  return { type: 'publish', topic, payload: Buffer.of(1), qos: 0, retain: false, dup: false, packetId: 0, properties: NO_PROPERTIES };
}

it.each([4, 5] as const)('topics are what was sent, repeated or alike, at level %i', (version) => {
  const topics = ['a/b', 'a/b', 'a/c', 'b/c', 'a', 'a/b', 'ab', 'ü', 'ü', 'ö', 'x'.repeat(300), 'x'.repeat(300), 'x'.repeat(299), 'a/b'];
  const decoder = new Decoder({ maxPacketBytes: 1000, protocolVersion: version });
  for (const topic of topics) {
    const chunk = encode(publish(topic), version);
    decoder.push(chunk);
    expect(decoder.next()).toEqual(publish(topic));
    // Whoever gave the chunk may use its memory for the next one.
    chunk.fill(0x7a);
  }
});

it('a topic is judged each time that it is not the last valid one [MQTT-3.3.2-2]', () => {
  for (const wrong of ['a/#', '+/b', 'a/\0', 'a+b']) {
    const decoder = new Decoder({ maxPacketBytes: 1000, protocolVersion: 4 });
    decoder.push(Buffer.concat([encode(publish('a/b'), 4), encode(publish(wrong), 4), encode(publish(wrong), 4)]));
    expect(decoder.next()).toEqual(publish('a/b'));
    expect(decoder.next()).toMatchObject({ type: 'protocol-error' });
    expect(decoder.next()).toBeUndefined();
  }
});

it('an empty topic stays empty after another: its alias is to be looked up', () => {
  const decoder = new Decoder({ maxPacketBytes: 1000, protocolVersion: 5 });
  const aliased: Publish = { ...publish(''), properties: { topicAlias: 3 } };
  decoder.push(Buffer.concat([encode(publish('a/b'), 5), encode(aliased, 5)]));
  expect(decoder.next()).toEqual(publish('a/b'));
  expect(decoder.next()).toEqual(aliased);
});
