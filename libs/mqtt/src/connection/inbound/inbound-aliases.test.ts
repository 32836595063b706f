import { expect, it } from 'vitest';
import type { Publish } from '../../packets/packet.js';
import { NO_PROPERTIES } from '../../packets/properties.js';
import { ReasonCode } from '../../packets/reason-code.js';
import { InboundAliases } from './inbound-aliases.js';

const publish = (topic: string, topicAlias: number): Publish => ({
  ...{ type: 'publish', topic, qos: 0, retain: false, dup: false, packetId: 0, payload: Buffer.alloc(0) },
  properties: { topicAlias, contentType: 'x' },
});
const topicOf = (aliases: InboundAliases, topic: string, alias: number) => {
  const resolved = aliases.resolve(publish(topic, alias), alias);
  return resolved.ok ? resolved.publish.topic : resolved.reasonCode;
};

it('takes every alias up to the maximum, and none above it [MQTT-3.3.2-9, MQTT-3.3.2-12]', () => {
  const aliases = new InboundAliases(3);
  expect([1, 3, 4].map((alias) => topicOf(aliases, 'a', alias))).toEqual(['a', 'a', ReasonCode.TopicAliasInvalid]);
});

it('knows an alias by the topic that it came with last, and none that was never set', () => {
  const aliases = new InboundAliases(3);
  expect(topicOf(aliases, '', 1)).toBe(ReasonCode.ProtocolError);
  expect([topicOf(aliases, 'a', 1), topicOf(aliases, '', 1), topicOf(aliases, 'b', 1), topicOf(aliases, '', 1)]).toEqual([
    'a',
    'a',
    'b',
    'b',
  ]);
});

it('leaves the alias out of what goes on, and nothing else', () => {
  const resolved = new InboundAliases(3).resolve(publish('a', 1), 1);
  expect(resolved.ok && resolved.publish.properties).toEqual({ contentType: 'x' });
});

it('leaves nothing behind where the alias was all that a publish said: it is as one with its topic written out', () => {
  const bare: Publish = { ...publish('a', 1), properties: { topicAlias: 1 } };
  const resolved = new InboundAliases(3).resolve(bare, 1);
  expect(resolved.ok && resolved.publish.properties).toBe(NO_PROPERTIES);
});
