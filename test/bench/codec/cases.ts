import { NO_PROPERTIES, type ProtocolVersion, type Puback, type Publish, type QoS } from '@milepost/mqtt';
import type { Packet as OtherPacket } from 'mqtt-packet';

/** One kind of packet, as each side wants it. */
export interface Case {
  readonly name: string;
  readonly version: ProtocolVersion;
  readonly ours: Publish | Puback;
  readonly theirs: OtherPacket;
}

const TOPIC = 'fleet/truck-0001/location';
/** As a telemetry client of 5.0 sends it: an expiry, a type, a trace. */
const EXPIRY_SECONDS = 3600;
const CONTENT_TYPE = 'application/json';
const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';

export const CASES: readonly Case[] = [
  ...([4, 5] as const).flatMap((version) =>
    [198, 2048].flatMap((bytes) => ([0, 1, 2] as const).map((qos) => publishCase(version, bytes, qos, false))),
  ),
  ...[198, 2048].flatMap((bytes) => ([0, 1, 2] as const).map((qos) => publishCase(5, bytes, qos, true))),
  ...([4, 5] as const).map(ackCase),
];

function publishCase(version: ProtocolVersion, bytes: number, qos: QoS, withProperties: boolean): Case {
  const payload = Buffer.alloc(bytes, 0x20);
  const common = { topic: TOPIC, payload, qos, retain: false, dup: false };
  return {
    name: `PUBLISH QoS ${qos}, ${bytes} B${withProperties ? ', properties' : ''}`,
    version,
    ours: {
      type: 'publish',
      ...common,
      packetId: qos === 0 ? 0 : 7,
      properties: withProperties
        ? { messageExpiryInterval: EXPIRY_SECONDS, contentType: CONTENT_TYPE, userProperties: [['trace', TRACE]] }
        : NO_PROPERTIES,
    },
    theirs: {
      cmd: 'publish',
      ...common,
      ...(qos === 0 ? {} : { messageId: 7 }),
      ...(withProperties
        ? { properties: { messageExpiryInterval: EXPIRY_SECONDS, contentType: CONTENT_TYPE, userProperties: { trace: TRACE } } }
        : {}),
    },
  };
}

function ackCase(version: ProtocolVersion): Case {
  return {
    name: 'PUBACK',
    version,
    ours: { type: 'puback', packetId: 7, reasonCode: 0, properties: NO_PROPERTIES },
    theirs: { cmd: 'puback', messageId: 7 },
  };
}
