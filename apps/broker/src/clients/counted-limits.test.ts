import { type ConnectionOptions, DEFAULT_CONNECTION_OPTIONS, DEFAULT_ROUTER_LIMITS, type Packet } from '@milepost/mqtt';
import { describe, expect, it, test } from 'vitest';
import { connect, connected, publish, subscribe } from '../broker-life.fixture.js';
import { type BrokerWorld, brokerWorld } from '../broker-world.fixture.js';
import { limitOfRefusal } from './reached-limits.js';

const options = (more: Partial<ConnectionOptions>): ConnectionOptions => ({
  ...DEFAULT_CONNECTION_OPTIONS,
  maxSessionExpirySeconds: 3_600,
  ...more,
});
/** Every limit that a client may meet, beside the one that it is about. */
const others = async (world: BrokerWorld, but: string): Promise<string[]> => {
  const reached = [];
  for (const limit of ['queue', 'kept_bytes', 'unreleased', 'retained_messages', 'record_bytes', 'receive_maximum', 'packet_bytes'])
    if (limit !== but && (await world.reached(limit)) > 0) reached.push(limit);
  return reached;
};
const codesOf = (packets: readonly (Packet | string)[]): number[] =>
  packets.flatMap((packet) =>
    typeof packet === 'object' && 'reasonCode' in packet && packet.reasonCode >= 0x80 ? [packet.reasonCode] : [],
  );

describe.each([4, 5] as const)('at level %d', (protocolVersion) => {
  describe('of messages that wait for a client', () => {
    const world = brokerWorld({
      limits: { maxQueuedMessages: 2, maxQueuedBytes: 1_000 },
      connections: options({ maxOutboundInFlight: 1 }),
    });

    it('the end of a client that does not keep up is counted once, as queue', async () => {
      const slow = await connected(world, 'slow', { protocolVersion });
      await slow.send(subscribe('t', 1));
      const publisher = await connected(world, 'publisher');
      for (let id = 1; id <= 5; id++) await publisher.send(publish(id, 'x'));
      expect([slow.socket.ended, await world.reached('queue'), await others(world, 'queue')]).toEqual([true, 1, []]);
    });
  });

  describe('of bytes that are kept', () => {
    const world = brokerWorld({ maxKeptBytes: 200 });

    it('a message for which there is no room is counted once, as kept_bytes', async () => {
      const away = await connected(world, 'away');
      await away.send(subscribe('t', 1), { type: 'disconnect', reasonCode: 0, properties: {} });
      const publisher = await connected(world, 'publisher', { protocolVersion });
      await publisher.send(publish(1, 'x'.repeat(300)));
      publisher.heard();
      await publisher.send(publish(2, 'x'));
      expect(codesOf(publisher.heard())).toEqual(protocolVersion === 5 ? [0x97] : []);
      expect(publisher.socket.ended).toBe(protocolVersion === 4);
      expect([await world.reached('kept_bytes'), await others(world, 'kept_bytes')]).toEqual([1, []]);
    });
  });

  describe('of retained messages', () => {
    const world = brokerWorld({ router: { ...DEFAULT_ROUTER_LIMITS, maxMessages: 1 } });

    it('one too many is counted once, as retained_messages', async () => {
      const publisher = await connected(world, 'publisher', { protocolVersion });
      await publisher.send(publish(1, 'a', { topic: 'a', retain: true }));
      await publisher.send(publish(2, 'b', { topic: 'b', retain: true }));
      expect(publisher.socket.ended).toBe(protocolVersion === 4);
      expect([await world.reached('retained_messages'), await others(world, 'retained_messages')]).toEqual([1, []]);
    });
  });

  describe('of QoS 2 messages that are not released', () => {
    const world = brokerWorld({ connections: options({ maxUnreleased: 2 }) });

    it('one too many is counted once, as unreleased', async () => {
      const publisher = await connected(world, 'publisher', { protocolVersion });
      for (let id = 1; id <= 3; id++) await publisher.send(publish(id, 'x', { qos: 2 }));
      expect(codesOf(publisher.heard())).toEqual(protocolVersion === 5 ? [0x97] : []);
      expect(publisher.socket.ended).toBe(protocolVersion === 4);
      expect([await world.reached('unreleased'), await others(world, 'unreleased')]).toEqual([1, []]);
    });
  });

  describe('of what one client takes over', () => {
    const world = brokerWorld({ takeOvers: { maxTakeOvers: 1, windowMs: 60_000, refusedMs: 60_000 } });

    it('one too many is counted, as take_overs', async () => {
      for (let time = 0; time < 3; time++) await connected(world, 'twin', { protocolVersion });
      const refused = await connected(world, 'twin', { protocolVersion });
      expect(codesOf(refused.heard())).toEqual(protocolVersion === 5 ? [0x97] : []);
      expect(await world.reached('take_overs')).toBeGreaterThan(0);
    });
  });
});

describe('of the bytes of filters', () => {
  const world = brokerWorld({ router: { ...DEFAULT_ROUTER_LIMITS, maxFilterBytesPerSubscriber: 300 } });

  it('one filter too many is counted', async () => {
    const client = await connected(world, 'client');
    await client.send(subscribe('a'), subscribe('b'), subscribe('c'));
    expect(await world.reached('filter_bytes')).toBe(1);
  });
});

describe('of the bytes of the process', () => {
  const world = brokerWorld({ maxProcessBytes: 100 });

  it('it is counted when no socket is read for want of room', async () => {
    const client = world.broker.plugBridged();
    await client.send(connect('client'));
    world.log.pause();
    await client.send(publish(1, 'x'.repeat(200)));
    expect([client.socket.paused, await world.reached('process_bytes')]).toEqual([true, 1]);
  });
});

describe('of what one client has not read', () => {
  const world = brokerWorld();

  it('it is counted when that client is not read any more', async () => {
    const client = await connected(world, 'client');
    client.socket.writable = false;
    client.socket.writableLength = 300 * 1024;
    await client.send({ type: 'pingreq' });
    expect([client.socket.paused, await world.reached('unsent_bytes')]).toEqual([true, 1]);
  });
});

test.each([
  ['too_many_logins', 'failed_logins'],
  ['client_id_too_long', 'client_id_bytes'],
  ['too_many_sessions', 'sessions'],
] as const)('a CONNECT that is refused for %s is counted as %s, at every door', (reason, limit) => {
  expect(limitOfRefusal(reason)).toBe(limit);
});
