import fc, { type Arbitrary } from 'fast-check';
import type { Packet, ProtocolVersion, QoS } from '../packets/packet.js';
import { ownerBit, type PropertyOwner, type PropertyRule, RULE_BY_NAME } from './property-table.js';

/** Every packet of one version that a well-behaved peer may send, with every property. For property tests. */
export function packetOf(version: ProtocolVersion): Arbitrary<Packet> {
  const common = [connect(version), publish(version), ...acks(version), subscribe(version), suback(version), unsubscribe(version)];
  const rest = [unsuback(version), connack(version), disconnect(version), ping('pingreq'), ping('pingresp')];
  return fc.oneof(...common, ...rest, ...(version === 5 ? [auth()] : []));
}

const text = fc
  .string({ unit: 'grapheme', maxLength: 12 })
  .filter((value) => !value.includes('\0') && Buffer.from(value).toString() === value);
const topic = fc
  .array(
    text.filter((level) => !/[/+#]/.test(level)),
    { minLength: 1, maxLength: 4 },
  )
  .map((levels) => levels.join('/'))
  .filter((value) => value !== '');
const filter = fc.oneof(
  topic,
  topic.map((value) => `${value}/#`),
  topic.map((value) => `+/${value}`),
  topic.map((value) => `$share/group/${value}`),
);
const bytes = fc.uint8Array({ maxLength: 24 }).map((value) => Buffer.from(value));
const payload = fc.oneof(bytes, fc.constant(Buffer.alloc(5000, 7)));
const uint16 = fc.integer({ min: 0, max: 0xffff });
const uint32 = fc.integer({ min: 0, max: 0xffffffff });
const packetId = fc.integer({ min: 1, max: 0xffff });
const qos = fc.constantFrom<QoS>(0, 1, 2);

function propertyValue({ kind }: PropertyRule, owner: PropertyOwner): Arbitrary<unknown> {
  switch (kind) {
    case 'bit':
      return fc.constantFrom(0, 1);
    case 'boolean':
      return fc.boolean();
    case 'uint16':
      return uint16;
    case 'uint16 above 0':
    case 'topic alias':
      return packetId;
    case 'uint32':
      return uint32;
    case 'uint32 above 0':
      return fc.integer({ min: 1, max: 0xffffffff });
    case 'identifiers':
      return fc.array(fc.integer({ min: 1, max: 268_435_455 }), { minLength: 1, maxLength: owner === 'publish' ? 3 : 1 });
    case 'string':
      return text;
    case 'topic':
      return topic;
    case 'binary':
      return bytes;
    case 'pairs':
      return fc.array(fc.tuple(text, text), { minLength: 1, maxLength: 3 });
  }
}

function properties(owner: PropertyOwner, version: ProtocolVersion): Arbitrary<Record<string, unknown>> {
  if (version === 4) return fc.constant({});
  const rules = [...RULE_BY_NAME.values()].filter((rule) => (rule.owners & ownerBit(owner)) !== 0);
  return fc.record(Object.fromEntries(rules.map((rule) => [rule.name, propertyValue(rule, owner)])), { requiredKeys: [] }).map((value) => {
    const { authenticationData, ...rest } = value;
    return authenticationData !== undefined && rest.authenticationMethod === undefined ? { ...rest } : { ...value };
  });
}

function packet(model: Record<string, Arbitrary<unknown>>, requiredKeys?: string[]): Arbitrary<Packet> {
  const record = requiredKeys === undefined ? fc.record(model) : fc.record(model, { requiredKeys });
  return record.map((value) => ({ ...value }) as unknown as Packet);
}

function connect(version: ProtocolVersion): Arbitrary<Packet> {
  const will = fc
    .record({ topic, payload: bytes, qos, retain: fc.boolean(), properties: properties('will', version) })
    .map((value) => ({ ...value }));
  return packet(
    {
      type: fc.constant('connect'),
      protocolVersion: fc.constant(version),
      clientId: text,
      cleanStart: fc.boolean(),
      keepAliveSeconds: uint16,
      userName: text,
      password: bytes,
      will,
      properties: properties('connect', version),
    },
    ['type', 'protocolVersion', 'clientId', 'cleanStart', 'keepAliveSeconds', 'userName', 'properties'],
  );
}

function connack(version: ProtocolVersion): Arbitrary<Packet> {
  return packet({
    type: fc.constant('connack'),
    sessionPresent: fc.boolean(),
    reasonCode: version === 5 ? fc.constantFrom(0, 0x82, 0x87, 0x9f) : fc.integer({ min: 0, max: 5 }),
    properties: properties('connack', version),
  }).map((value) => (value.type === 'connack' && value.reasonCode !== 0 ? { ...value, sessionPresent: false } : value));
}

function publish(version: ProtocolVersion): Arbitrary<Packet> {
  return qos.chain((level) =>
    packet({
      type: fc.constant('publish'),
      topic,
      payload,
      qos: fc.constant(level),
      retain: fc.boolean(),
      dup: level === 0 ? fc.constant(false) : fc.boolean(),
      packetId: level === 0 ? fc.constant(0) : packetId,
      properties: properties('publish', version),
    }),
  );
}

function acks(version: ProtocolVersion): Arbitrary<Packet>[] {
  const codes = { puback: [0, 0x10, 0x83, 0x87], pubrec: [0, 0x97], pubrel: [0, 0x92], pubcomp: [0, 0x92] };
  return Object.entries(codes).map(([type, defined]) =>
    packet({
      type: fc.constant(type),
      packetId,
      reasonCode: version === 5 ? fc.constantFrom(...defined) : fc.constant(0),
      properties: properties(type as PropertyOwner, version),
    }),
  );
}

function subscribe(version: ProtocolVersion): Arbitrary<Packet> {
  const subscription = fc
    .record({
      filter,
      qos,
      noLocal: version === 5 ? fc.boolean() : fc.constant(false),
      retainAsPublished: version === 5 ? fc.boolean() : fc.constant(false),
      retainHandling: version === 5 ? fc.constantFrom(0, 1, 2) : fc.constant(0),
    })
    .map((value) => ({ ...value, noLocal: value.noLocal && !value.filter.startsWith('$share/') }));
  const subscriptions = fc.array(subscription, { minLength: 1, maxLength: 3 });
  return packet({ type: fc.constant('subscribe'), packetId, subscriptions, properties: properties('subscribe', version) });
}

function suback(version: ProtocolVersion): Arbitrary<Packet> {
  const code = version === 5 ? fc.constantFrom(0, 1, 2, 0x87, 0x9e) : fc.constantFrom(0, 1, 2, 0x80);
  const reasonCodes = fc.array(code, { minLength: 1, maxLength: 4 });
  return packet({ type: fc.constant('suback'), packetId, reasonCodes, properties: properties('suback', version) });
}

function unsubscribe(version: ProtocolVersion): Arbitrary<Packet> {
  const filters = fc.array(filter, { minLength: 1, maxLength: 3 });
  return packet({ type: fc.constant('unsubscribe'), packetId, filters, properties: properties('unsubscribe', version) });
}

function unsuback(version: ProtocolVersion): Arbitrary<Packet> {
  const reasonCodes = version === 5 ? fc.array(fc.constantFrom(0, 0x11, 0x87), { minLength: 1, maxLength: 3 }) : fc.constant([]);
  return packet({ type: fc.constant('unsuback'), packetId, reasonCodes, properties: properties('unsuback', version) });
}

function disconnect(version: ProtocolVersion): Arbitrary<Packet> {
  const reasonCode = version === 5 ? fc.constantFrom(0, 4, 0x82, 0x8b, 0x8e) : fc.constant(0);
  return packet({ type: fc.constant('disconnect'), reasonCode, properties: properties('disconnect', version) });
}

function auth(): Arbitrary<Packet> {
  const carried = fc.tuple(properties('auth', 5), text).map(([value, authenticationMethod]) => ({ ...value, authenticationMethod }));
  const empty = packet({ type: fc.constant('auth'), reasonCode: fc.constant(0), properties: fc.constant({}) });
  return fc.oneof(empty, packet({ type: fc.constant('auth'), reasonCode: fc.constantFrom(0, 0x18, 0x19), properties: carried }));
}

function ping(type: 'pingreq' | 'pingresp'): Arbitrary<Packet> {
  return fc.constant({ type });
}
