import { topics } from '@milepost/contracts';
import {
  type Connect,
  DEFAULT_CONNECTION_OPTIONS,
  DEFAULT_ROUTER_LIMITS,
  DEFAULT_SESSION_LIMITS,
  type Packet,
  type ProtocolVersion,
  type Publish,
  type Subscription,
} from '@milepost/mqtt';
import { createLogger } from '@milepost/runtime';
import { Registry } from 'prom-client';
import { vi } from 'vitest';
import { type BrokerCore, type CoreOptions, createCore } from './broker-core.js';
import { FakeClient, settled } from './connections/fake-socket.fixture.js';
import { GuestGate } from './doors/conformance/guest-gate.js';
import type { MemoryLog } from './log/memory-log.js';
import { BrokerMetrics } from './metrics.js';

export interface BrokerLife extends BrokerCore {
  plug(version?: ProtocolVersion): FakeClient;
  /** A client whose messages are bridged, as a vehicle's are. */
  plugBridged(retainable?: boolean): FakeClient;
}

/** A broker's life on a log: the next one on the same log finds what the one before left when it was killed. */
export async function life(log: MemoryLog, epoch: number, more: Partial<CoreOptions> = {}): Promise<BrokerLife> {
  const core = await createCore({
    log,
    reader: log,
    node: 'n',
    epoch,
    partitions: 1,
    connections: {
      ...DEFAULT_CONNECTION_OPTIONS,
      maxSessionExpirySeconds: 3_600,
      sharedSubscriptionsAvailable: true,
      subscriptionIdentifiersAvailable: true,
    },
    limits: DEFAULT_SESSION_LIMITS,
    router: DEFAULT_ROUTER_LIMITS,
    maxProcessBytes: 1_000_000,
    maxQoS0Bytes: 10_000,
    metrics: new BrokerMetrics(new Registry()),
    logger: createLogger({ app: 'test', level: 'silent' }),
    ...more,
  });
  const plug = (version?: ProtocolVersion, gate = new GuestGate('192.0.2.1', new Set())) => {
    const client = new FakeClient(version);
    core.receive(client.socket, gate);
    return client;
  };
  return { ...core, plug: (version) => plug(version), plugBridged: (retainable = false) => plug(5, bridgedGate(retainable)) };
}

function bridgedGate(retainable: boolean): GuestGate {
  const gate = new GuestGate('192.0.2.1', new Set());
  const admit = gate.admit.bind(gate);
  gate.admit = (packet) => {
    const admittance = admit(packet);
    const route = { topic: topics.location, retainable };
    return admittance.ok ? { ok: true, access: { ...admittance.access, routeOf: () => route } } : admittance;
  };
  return gate;
}

/** Lets time pass that is faked, and what falls due in it happen. */
export async function pass(seconds: number): Promise<void> {
  vi.advanceTimersByTime(seconds * 1_000);
  await settled();
}

export const SHARED = '$share/g/t';

/** Members of one group, in the order in which messages go to them. */
export async function sharedMembers<Ids extends string[]>(
  broker: Pick<BrokerLife, 'plug'>,
  ...clientIds: Ids
): Promise<{ [I in keyof Ids]: FakeClient }> {
  const members: FakeClient[] = [];
  for (const clientId of clientIds) {
    const member = broker.plug();
    await member.send(connect(clientId), subscribe(SHARED));
    member.heard();
    members.push(member);
  }
  return members as { [I in keyof Ids]: FakeClient };
}

/** Of a session that is kept: for ten minutes at 5.0, for as long as the broker allows at 3.1.1. */
export const connect = (clientId: string, more: Partial<Connect> = {}): Connect => ({
  type: 'connect',
  protocolVersion: 5,
  clientId,
  cleanStart: false,
  keepAliveSeconds: 0,
  properties: more.protocolVersion === 4 ? {} : { sessionExpiryInterval: 600 },
  ...more,
});

/** A client that has said who it is; CONNACK is there to be heard unless something holds it up. */
export async function connected(of: Pick<BrokerLife, 'plug'>, clientId: string, more: Partial<Connect> = {}): Promise<FakeClient> {
  const client = of.plug(more.protocolVersion);
  await client.send(connect(clientId, more));
  return client;
}

export const publish = (packetId: number, payload: string, more: Partial<Publish> = {}): Publish => ({
  type: 'publish',
  topic: 't',
  payload: Buffer.from(payload),
  qos: 1,
  retain: false,
  dup: false,
  packetId,
  properties: {},
  ...more,
});

export const subscribe = (filter: string, qos: 0 | 1 | 2 = 2, identifier?: number) => {
  const subscription: Subscription = { filter, qos, noLocal: false, retainAsPublished: false, retainHandling: 0 };
  const properties = identifier === undefined ? {} : { subscriptionIdentifiers: [identifier] };
  return { type: 'subscribe' as const, packetId: 1, subscriptions: [subscription], properties };
};

export const ack = (type: 'puback' | 'pubrec' | 'pubrel' | 'pubcomp', packetId: number, reasonCode = 0): Packet => ({
  type,
  packetId,
  reasonCode,
  properties: {},
});

/** The messages that a client has got since it was last asked. */
export const messages = (client: FakeClient): Publish[] =>
  client.heard().flatMap((packet) => (typeof packet === 'object' && packet.type === 'publish' ? [packet] : []));

export const texts = (client: FakeClient): string[] => messages(client).map(({ payload }) => String(payload));

/** What a client has heard since it was last asked, in short: messages by their payload, else the type. */
export const heardInShort = (client: FakeClient): string[] =>
  client.heard().map((packet) => {
    if (typeof packet === 'string') return packet;
    return packet.type === 'publish' ? String(packet.payload) : packet.type;
  });
