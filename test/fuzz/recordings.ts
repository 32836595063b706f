import { encode, NO_PROPERTIES, type Packet, type ProtocolVersion, type Publish, type QoS } from '@milepost/mqtt';

/** A valid stream of one connection, packet by packet: what is mutated. */
export interface Recording {
  readonly version: ProtocolVersion;
  /** From the client, or what a server sends: for a decoder both, for a broker the first. */
  readonly from: 'client' | 'server';
  readonly packets: readonly Buffer[];
}

const userProperties = [
  ['name', 'value'],
  ['name', 'ü 日本'],
] as const;
const said = { reasonString: 'a reason', userProperties };
const message = {
  payloadFormatIndicator: 1,
  messageExpiryInterval: 60,
  contentType: 'text/plain',
  responseTopic: 'reply/to',
  correlationData: Buffer.from('correlation'),
  userProperties,
} as const;
const authentication = { authenticationMethod: 'method', authenticationData: Buffer.from('data') };

/** Every packet of both versions, and of 5.0 with every property (table 2-4). */
export function recordings(): Recording[] {
  return ([4, 5] as const).flatMap((version) => [
    record(version, 'client', [connect(version, false), ...publishes(version), { type: 'pingreq' }, disconnect(version)]),
    record(version, 'client', [connect(version, true), ...subscriptions(version), ...publishes(version), ...acks(version)]),
    record(version, 'client', [connect(version, true), ...acks(version), ...auth(version), disconnect(version)]),
    record(version, 'server', [...answers(version), ...publishes(version), ...acks(version), ...auth(version), disconnect(version)]),
  ]);
}

/** A valid CONNECT without ado, for streams that are to get behind it. */
export function plainConnect(version: ProtocolVersion, clientId: string): Buffer {
  return encode({ type: 'connect', protocolVersion: version, clientId, cleanStart: true, keepAliveSeconds: 0, properties: {} }, version);
}

function record(version: ProtocolVersion, from: Recording['from'], packets: readonly Packet[]): Recording {
  return { version, from, packets: packets.map((packet) => encode(packet, version)) };
}

function connect(version: ProtocolVersion, full: boolean): Packet {
  const common = {
    type: 'connect',
    protocolVersion: version,
    clientId: full ? 'client' : '',
    cleanStart: true,
    keepAliveSeconds: 60,
  } as const;
  if (!full) return { ...common, properties: NO_PROPERTIES };
  return {
    ...common,
    userName: 'user',
    password: Buffer.from('password'),
    will: {
      topic: 'will/topic',
      payload: Buffer.from('gone'),
      qos: 1,
      retain: false,
      properties: version === 5 ? { ...message, willDelayInterval: 5 } : NO_PROPERTIES,
    },
    properties:
      version === 5
        ? {
            sessionExpiryInterval: 30,
            receiveMaximum: 10,
            maximumPacketSize: 100_000,
            topicAliasMaximum: 5,
            requestResponseInformation: true,
            requestProblemInformation: true,
            userProperties,
          }
        : NO_PROPERTIES,
  };
}

function publishes(version: ProtocolVersion): Packet[] {
  const publish = (qos: QoS, changes: Partial<Publish> = {}): Publish => ({
    type: 'publish',
    topic: 'fleet/truck-1/location',
    payload: Buffer.from('{"lat":52.5,"lon":13.4}'),
    qos,
    retain: false,
    dup: false,
    packetId: qos === 0 ? 0 : 10 + qos,
    properties: NO_PROPERTIES,
    ...changes,
  });
  const plain = [publish(0), publish(1, { dup: true }), publish(2), publish(0, { topic: 'a', payload: Buffer.alloc(300, 0x41) })];
  if (version === 4) return plain;
  return [
    ...plain,
    publish(1, { packetId: 21, properties: message }),
    publish(2, { packetId: 22, properties: { topicAlias: 1, userProperties } }),
    publish(0, { topic: '', properties: { topicAlias: 1 } }),
  ];
}

function subscriptions(version: ProtocolVersion): Packet[] {
  const five = version === 5;
  const options = { qos: 2, noLocal: five, retainAsPublished: five, retainHandling: five ? 1 : 0 } as const;
  const plain = { qos: 1, noLocal: false, retainAsPublished: false, retainHandling: 0 } as const;
  const filters = ['fleet/+/location', 'a/#', '+', '#', ...(five ? ['$share/group/a/+'] : [])];
  return [
    {
      type: 'subscribe',
      packetId: 1,
      subscriptions: [{ filter: 'fleet/truck-1/location', ...options }, ...filters.map((filter) => ({ filter, ...plain }))],
      properties: NO_PROPERTIES,
    },
    {
      type: 'subscribe',
      packetId: 2,
      subscriptions: [{ filter: 'b', ...plain }],
      properties: five ? { subscriptionIdentifiers: [300], userProperties } : NO_PROPERTIES,
    },
    { type: 'unsubscribe', packetId: 3, filters: ['a/#', 'never/there'], properties: five ? { userProperties } : NO_PROPERTIES },
  ];
}

function acks(version: ProtocolVersion): Packet[] {
  return (['puback', 'pubrec', 'pubrel', 'pubcomp'] as const).flatMap((type, index) => {
    const bare: Packet = { type, packetId: index + 11, reasonCode: 0, properties: NO_PROPERTIES };
    const reasonCode = type === 'pubrel' || type === 'pubcomp' ? 0x92 : 0x97;
    return version === 4 ? [bare] : [bare, { ...bare, reasonCode }, { ...bare, reasonCode, properties: said }];
  });
}

function answers(version: ProtocolVersion): Packet[] {
  const five = version === 5;
  const connack = {
    sessionExpiryInterval: 30,
    receiveMaximum: 10,
    maximumQoS: 1,
    retainAvailable: true,
    maximumPacketSize: 100_000,
    assignedClientIdentifier: 'assigned',
    topicAliasMaximum: 5,
    wildcardSubscriptionAvailable: true,
    subscriptionIdentifierAvailable: false,
    sharedSubscriptionAvailable: true,
    serverKeepAlive: 60,
    responseInformation: 'info',
    serverReference: 'other:1883',
    ...said,
    ...authentication,
  } as const;
  return [
    { type: 'connack', sessionPresent: true, reasonCode: 0, properties: five ? connack : NO_PROPERTIES },
    { type: 'suback', packetId: 1, reasonCodes: [0, 1, 2, 0x80], properties: five ? said : NO_PROPERTIES },
    { type: 'unsuback', packetId: 3, reasonCodes: five ? [0, 0x11] : [], properties: five ? said : NO_PROPERTIES },
    { type: 'pingresp' },
  ];
}

function auth(version: ProtocolVersion): Packet[] {
  return version === 4 ? [] : [{ type: 'auth', reasonCode: 0x18, properties: { ...authentication, ...said } }];
}

function disconnect(version: ProtocolVersion): Packet {
  const properties = { sessionExpiryInterval: 10, serverReference: 'other:1883', ...said };
  return version === 4
    ? { type: 'disconnect', reasonCode: 0, properties: NO_PROPERTIES }
    : { type: 'disconnect', reasonCode: 4, properties };
}
