import type { PresenceRecord, VehicleId } from '@milepost/contracts';
import {
  type Connect,
  DEFAULT_CONNECTION_OPTIONS,
  DEFAULT_SESSION_LIMITS,
  Decoder,
  encode,
  type Packet,
  type Publish,
} from '@milepost/mqtt';
import type { Identity, Trust } from '@milepost/pki';
import { createLogger } from '@milepost/runtime';
import { Registry } from 'prom-client';
import { createCore } from '../../broker-core.js';
import { FakeSocket, settled } from '../../connections/fake-socket.fixture.js';
import { MemoryLog } from '../../log/memory-log.js';
import { BrokerMetrics } from '../../metrics.js';
import { PresencePublisher } from '../../presence/presence-publisher.js';
import { RefusalReporter } from '../../refusals/refusal-reporter.js';
import { VehicleGate } from './vehicle-gate.js';

/** A broker on a log in memory, without listener: sockets are plugged in by hand. */
export async function broker({ maxProcessBytes = 1_000_000, maxSessionExpirySeconds = 0 } = {}) {
  const lines: Record<string, unknown>[] = [];
  const log = new MemoryLog();
  const metrics = new BrokerMetrics(new Registry());
  const logger = createLogger({ app: 'test', level: 'warn', destination: { write: (line: string) => void lines.push(JSON.parse(line)) } });
  const publisher = new PresencePublisher({ log, node: 'node-a', epoch: 1, partitions: 1 });
  const refusals = new RefusalReporter({ publisher, log, operatorOrganisation: 'operators', metrics, logger });
  const { registry, admission, receive } = await createCore({
    log,
    reader: log,
    node: 'node-a',
    epoch: 1,
    partitions: 1,
    connections: { ...DEFAULT_CONNECTION_OPTIONS, maxSessionExpirySeconds },
    limits: DEFAULT_SESSION_LIMITS,
    router: {
      maxMessages: 10,
      maxBytes: 1_000,
      maxSubscriptionsPerSubscriber: 10,
      maxSubscriptionsInAll: 1_000_000,
      maxFilterLevels: 10,
      maxFilterBytesPerSubscriber: 10_000,
    },
    maxProcessBytes,
    maxQoS0Bytes: 10_000,
    metrics,
    logger,
  });
  const trust: Trust = {
    authorities: () => [],
    certificatesPem: () => [],
    problems: () => [],
    onChange: () => () => undefined,
    reload: () => Promise.resolve(),
    close: () => undefined,
  };
  const door = { trust, publisher, refusals, alone: true };

  const presence = () =>
    log.records.filter(({ topic }) => topic === 'fleet.presence').map(({ value }) => JSON.parse(String(value)) as PresenceRecord);
  return {
    log,
    admission,
    registry,
    /** What was logged with this event, from warnings on. */
    logged: (event: string) => lines.filter((line) => line.event === event),
    presence,
    said: () => presence().map((r) => (r.kind === 'disconnected' ? r.cause : r.kind === 'refused' ? r.reason : r.kind)),
    plug: (version: 4 | 5 = 5, organisation = 'acme') => {
      const socket = new FakeSocket();
      receive(socket, new VehicleGate(identity(organisation), '192.0.2.1', door));
      return {
        socket,
        send: async (...packets: Packet[]) => {
          socket.emit('data', Buffer.concat(packets.map((packet) => encode(packet, version))));
          await settled();
        },
        heard: () => decoded(Buffer.concat(socket.sent), version),
      };
    },
  };
}

function identity(organisation: string): Identity {
  return {
    vehicleId: 'truck-1' as VehicleId,
    organisation,
    authority: 'ca',
    authorityKeyId: 'key',
    issuer: 'CN=CA',
    serial: 'AB',
    notAfter: new Date('2100-01-01'),
  };
}

function decoded(bytes: Buffer, protocolVersion: 4 | 5): (Packet | string)[] {
  const decoder = new Decoder({ maxPacketBytes: 1_000_000, protocolVersion });
  decoder.push(bytes);
  const packets: (Packet | string)[] = [];
  for (let packet = decoder.next(); packet !== undefined; packet = decoder.next())
    packets.push(packet.type === 'protocol-error' ? packet.detail : packet);
  return packets;
}

export const connect = (more: Partial<Connect> = {}): Connect => ({
  type: 'connect',
  protocolVersion: 5,
  clientId: 'truck-1',
  cleanStart: true,
  keepAliveSeconds: 60,
  properties: {},
  ...more,
});
export const publish = (packetId: number, more: Partial<Publish> = {}): Publish => ({
  type: 'publish',
  topic: 'fleet/truck-1/location',
  payload: Buffer.from(`{"n":${packetId}}`),
  qos: 1,
  retain: false,
  dup: false,
  packetId,
  properties: {},
  ...more,
});
export const acks = (packets: (Packet | string)[]) =>
  packets.flatMap((p) => (typeof p === 'object' && p.type === 'puback' ? [[p.packetId, p.reasonCode]] : []));
