import { PacketType, type PacketTypeName } from '../packets/packet-type.js';
import type {
  AckProperties,
  AuthProperties,
  ConnackProperties,
  ConnectProperties,
  DisconnectProperties,
  Properties,
  PublishProperties,
  SubscribeProperties,
  UnsubscribeProperties,
  WillProperties,
} from '../packets/properties.js';

/** What carries properties: packets, and the will inside CONNECT. */
export interface PropertiesByOwner {
  connect: ConnectProperties;
  will: WillProperties;
  connack: ConnackProperties;
  publish: PublishProperties;
  puback: AckProperties;
  pubrec: AckProperties;
  pubrel: AckProperties;
  pubcomp: AckProperties;
  subscribe: SubscribeProperties;
  suback: AckProperties;
  unsubscribe: UnsubscribeProperties;
  unsuback: AckProperties;
  disconnect: DisconnectProperties;
  auth: AuthProperties;
}
export type PropertyOwner = keyof PropertiesByOwner;

export type PropertyKind =
  | 'bit'
  | 'boolean'
  | 'uint16'
  | 'uint16 above 0'
  | 'topic alias'
  | 'uint32'
  | 'uint32 above 0'
  | 'identifiers'
  | 'string'
  | 'topic'
  | 'binary'
  | 'pairs';

export interface PropertyRule {
  readonly id: number;
  readonly name: keyof Properties;
  readonly kind: PropertyKind;
  /** A bit for each owner that may carry it. */
  readonly owners: number;
}

export function ownerBit(owner: PropertyOwner): number {
  return owner === 'will' ? 1 : 1 << PacketType[owner as PacketTypeName];
}

const every = 'connect will connack publish puback pubrec pubrel pubcomp subscribe suback unsubscribe unsuback disconnect auth';

function rule(id: number, name: keyof Properties, kind: PropertyKind, owners: string): PropertyRule {
  const bits = owners.split(' ').reduce((sum, owner) => sum | ownerBit(owner as PropertyOwner), 0);
  return { id, name, kind, owners: bits };
}

/** MQTT 5.0 table 2-4. */
const RULES: readonly PropertyRule[] = [
  rule(0x01, 'payloadFormatIndicator', 'bit', 'publish will'),
  rule(0x02, 'messageExpiryInterval', 'uint32', 'publish will'),
  rule(0x03, 'contentType', 'string', 'publish will'),
  rule(0x08, 'responseTopic', 'topic', 'publish will'),
  rule(0x09, 'correlationData', 'binary', 'publish will'),
  rule(0x0b, 'subscriptionIdentifiers', 'identifiers', 'publish subscribe'),
  rule(0x11, 'sessionExpiryInterval', 'uint32', 'connect connack disconnect'),
  rule(0x12, 'assignedClientIdentifier', 'string', 'connack'),
  rule(0x13, 'serverKeepAlive', 'uint16', 'connack'),
  rule(0x15, 'authenticationMethod', 'string', 'connect connack auth'),
  rule(0x16, 'authenticationData', 'binary', 'connect connack auth'),
  rule(0x17, 'requestProblemInformation', 'boolean', 'connect'),
  rule(0x18, 'willDelayInterval', 'uint32', 'will'),
  rule(0x19, 'requestResponseInformation', 'boolean', 'connect'),
  rule(0x1a, 'responseInformation', 'string', 'connack'),
  rule(0x1c, 'serverReference', 'string', 'connack disconnect'),
  rule(0x1f, 'reasonString', 'string', 'connack puback pubrec pubrel pubcomp suback unsuback disconnect auth'),
  rule(0x21, 'receiveMaximum', 'uint16 above 0', 'connect connack'),
  rule(0x22, 'topicAliasMaximum', 'uint16', 'connect connack'),
  rule(0x23, 'topicAlias', 'topic alias', 'publish'),
  rule(0x24, 'maximumQoS', 'bit', 'connack'),
  rule(0x25, 'retainAvailable', 'boolean', 'connack'),
  rule(0x26, 'userProperties', 'pairs', every),
  rule(0x27, 'maximumPacketSize', 'uint32 above 0', 'connect connack'),
  rule(0x28, 'wildcardSubscriptionAvailable', 'boolean', 'connack'),
  rule(0x29, 'subscriptionIdentifierAvailable', 'boolean', 'connack'),
  rule(0x2a, 'sharedSubscriptionAvailable', 'boolean', 'connack'),
];

export const RULE_BY_ID: ReadonlyMap<number, PropertyRule> = new Map(RULES.map((each) => [each.id, each]));
export const RULE_BY_NAME: ReadonlyMap<string, PropertyRule> = new Map(RULES.map((each) => [each.name, each]));
