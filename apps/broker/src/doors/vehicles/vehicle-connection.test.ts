import { describe, expect, test } from 'vitest';
import { settled } from '../../connections/fake-socket.fixture.js';
import { rivalSeen } from './rivals.js';
import { acks, broker, connect, publish } from './vehicle-broker.fixture.js';

describe('CONNACK', () => {
  test('leaves when `connected` is durable, and no earlier', async () => {
    const { log, plug } = await broker();
    const { send, heard } = plug();
    log.pause();
    await send(connect());
    expect(heard()).toEqual([]);
    log.resume();
    await settled();
    expect(heard()).toMatchObject([{ type: 'connack', reasonCode: 0 }]);
  });

  test('a connection that ends before it leaves `not_established`, once', async () => {
    const { log, plug, said, registry } = await broker();
    const { send, socket } = plug();
    log.pause();
    await send(connect());
    socket.emit('close');
    log.resume();
    await settled();
    expect(said()).toEqual(['connected', 'not_established']);
    expect(registry.size).toBe(0);
  });

  test('is 0x88 when the log has not answered for 5 s, for who comes and for who waits', async () => {
    const { log, plug, admission, said } = await broker();
    const waiting = plug();
    log.pause();
    await waiting.send(connect());
    log.lastAnswerAtMs = performance.now() - 5_000;
    admission.sweep();
    await settled();
    const late = plug();
    await late.send(connect());
    expect(waiting.heard()).toMatchObject([{ type: 'connack', reasonCode: 0x88 }]);
    expect(late.heard()).toMatchObject([{ type: 'connack', reasonCode: 0x88 }]);
    log.resume();
    await settled();
    // Both attempts are only logged: there is no Kafka to record them.
    expect(said()).toEqual(['connected', 'not_established']);
  });

  test('what is not CONNECT is closed, and on record as malformed', async () => {
    const { plug, said } = await broker();
    const { socket } = plug();
    socket.emit('data', Buffer.from('GET / HTTP/1.1\r\n\r\n'));
    await settled();
    expect(socket.ended).toBe(true);
    expect(said()).toEqual(['malformed_connect']);
  });

  test('a will that is announced as text and is none is refused, and on record', async () => {
    const { plug, said } = await broker();
    const { send, heard } = plug();
    const will = {
      topic: 'fleet/truck-1/status',
      payload: Buffer.from([0xff]),
      qos: 0 as const,
      retain: false,
      properties: { payloadFormatIndicator: 1 as const },
    };
    await send(connect({ will }));
    expect(heard()).toMatchObject([{ type: 'connack', reasonCode: 0x99 }]);
    expect(said()).toEqual(['malformed_connect']);
  });

  test.each([
    ['MQIsdp of MQTT 3.1', '100f00064d51497364700302003c000174'],
    ['level 3', '100d00044d5154540302003c000174'],
    ['level 6', '100d00044d5154540602003c000174'],
  ])('%s is refused by its version', async (_name, bytes) => {
    const { plug, said } = await broker();
    const { socket } = plug();
    socket.emit('data', Buffer.from(bytes, 'hex'));
    await settled();
    expect(socket.ended).toBe(true);
    expect(said()).toEqual(['protocol_version']);
  });
});

describe('acknowledgements', () => {
  test('leave when Kafka has the records, all in one write, in the order of the publishes', async () => {
    const { log, plug } = await broker();
    const { send, heard, socket } = plug();
    await send(connect());
    log.pause();
    await send(publish(1), publish(2), publish(3));
    expect(acks(heard())).toEqual([]);
    const writes = socket.sent.length;
    log.resume();
    await settled();
    expect(acks(heard())).toEqual([
      [1, 0],
      [2, 0],
      [3, 0],
    ]);
    expect(socket.sent).toHaveLength(writes + 1);
  });

  test('a record that Kafka refuses is 0x83, and its neighbours are acknowledged', async () => {
    const { log, plug } = await broker();
    const { send, heard } = plug();
    await send(connect());
    log.refuses = ({ value }) => String(value) === '{"n":2}';
    await send(publish(1), publish(2), publish(3));
    expect(acks(heard())).toEqual([
      [1, 0],
      [2, 0x83],
      [3, 0],
    ]);
  });

  test('a record that Kafka refuses closes a 3.1.1 connection, cause refused_publish, after the acks before it', async () => {
    const { log, plug, said } = await broker();
    const { send, heard, socket } = plug(4);
    await send(connect({ protocolVersion: 4 }));
    log.refuses = ({ value }) => String(value) === '{"n":2}';
    await send(publish(1), publish(2), publish(3));
    expect(acks(heard())).toEqual([[1, 0]]);
    expect(socket.ended).toBe(true);
    expect(said()).toEqual(['connected', 'refused_publish']);
  });

  test('of a message that a vehicle may not publish say why', async () => {
    const { plug } = await broker();
    const { send, heard } = plug();
    await send(connect());
    await send(publish(1, { topic: 'foo/bar' }), publish(2, { topic: 'fleet/truck-2/location' }));
    const answers = heard().flatMap((packet) => (typeof packet === 'object' && packet.type === 'puback' ? [packet] : []));
    expect(answers).toMatchObject([
      { reasonCode: 0x87, properties: { reasonString: expect.stringContaining('below fleet/truck-1/') } },
      { reasonCode: 0x87, properties: { reasonString: expect.stringContaining("another vehicle's") } },
    ]);
  });

  test('over the limit of the process a socket is not read, until acks have made room', async () => {
    const { log, plug } = await broker({ maxProcessBytes: 600 });
    const { send, socket } = plug();
    await send(connect());
    log.pause();
    await send(publish(1), publish(2), publish(3));
    expect(socket.paused).toBe(true);
    log.resume();
    await settled();
    expect(socket.paused).toBe(false);
  });

  test('a client that does not read its acks is not read either, until it does', async () => {
    const { plug } = await broker();
    const { send, socket } = plug();
    await send(connect());
    socket.writable = false;
    socket.writableLength = 300 * 1024;
    await send(publish(1));
    expect(socket.paused).toBe(true);
    socket.writable = true;
    socket.emit('drain');
    expect(socket.paused).toBe(false);
  });
});

describe('the end of a connection', () => {
  test('half-closes the socket and reads on, so that the last words arrive', async () => {
    const { plug } = await broker();
    const { send, socket, heard } = plug();
    await send(connect());
    await send(connect());
    expect(heard().at(-1)).toMatchObject({ type: 'disconnect', reasonCode: 0x82 });
    expect(socket.ended).toBe(true);
    expect(socket.paused).toBe(false);
  });

  test('a take-over stays within the organisation', async () => {
    const { plug, registry } = await broker();
    const ours = plug(5, 'acme');
    const theirs = plug(5, 'rivals');
    await ours.send(connect());
    await theirs.send(connect());
    expect(registry.clientCount).toBe(2);
    const ours2 = plug(5, 'acme');
    await ours2.send(connect());
    expect(ours.heard().at(-1)).toMatchObject({ type: 'disconnect', reasonCode: 0x8e });
    expect(theirs.socket.ended).toBe(false);
  });

  test('a newer connection of another node ends ours, an older one or a copy of ours does not', async () => {
    const { plug, presence, admission, registry, said } = await broker();
    const { send, heard } = plug();
    await send(connect());
    const [ours] = presence();
    if (ours?.kind !== 'connected') throw new Error('unreachable');
    rivalSeen({ ...ours, node: 'node-b', connectionId: 'x' }, 0n, { registry, admission });
    expect(said()).toEqual(['connected']);
    rivalSeen({ ...ours, node: 'node-b', connectionId: 'y' }, 1n, { registry, admission });
    await settled();
    expect(heard().at(-1)).toMatchObject({ type: 'disconnect', reasonCode: 0x8e });
    expect(said()).toEqual(['connected', 'taken_over']);
  });

  test('the will is on record, and stored like any message of the vehicle', async () => {
    const { plug, said, log } = await broker();
    const { send, socket } = plug();
    const will = {
      topic: 'fleet/truck-1/status',
      payload: Buffer.from('{"status":"offline"}'),
      qos: 1 as const,
      retain: true,
      properties: {},
    };
    await send(connect({ will }));
    socket.emit('error', new Error('ECONNRESET'));
    await settled();
    expect(said()).toEqual(['connected', 'network_error', 'will']);
    expect(log.records.filter(({ topic }) => topic === 'fleet.status').map(({ value }) => String(value))).toEqual(['{"status":"offline"}']);
  });

  test.each([
    ['none', {}, 0],
    ['a shorter one', { sessionExpiryInterval: 60 }, 60],
    ['a longer one than the broker allows', { sessionExpiryInterval: 7_200 }, 600],
  ])(
    'with %s as Session Expiry Interval the delay on record is no longer than the session [MQTT-3.1.2-8]',
    async (_expiry, properties, delaySeconds) => {
      const { plug, presence } = await broker({ maxSessionExpirySeconds: 600 });
      const will = { topic: 'fleet/truck-1/status', payload: Buffer.from('x'), qos: 1 as const, retain: false };
      const { send } = plug();
      await send(connect({ properties, will: { ...will, properties: { willDelayInterval: 3_600 } } }));
      expect(presence()).toMatchObject([{ kind: 'connected', sessionExpirySeconds: delaySeconds, will: { delaySeconds } }]);
      await send({ type: 'disconnect', reasonCode: 4, properties: { sessionExpiryInterval: 0 } });
      expect(presence()[1]).toMatchObject({ cause: 'client_disconnect_with_will', sessionExpirySeconds: 0 });
    },
  );

  test('a DISCONNECT that prolongs the session says for how long the will is kept back from then on', async () => {
    const { plug, presence } = await broker({ maxSessionExpirySeconds: 600 });
    const will = { topic: 'fleet/truck-1/status', payload: Buffer.from('x'), qos: 1 as const, retain: false };
    const { send } = plug();
    await send(connect({ properties: { sessionExpiryInterval: 60 }, will: { ...will, properties: { willDelayInterval: 3_600 } } }));
    await send({ type: 'disconnect', reasonCode: 4, properties: { sessionExpiryInterval: 300 } });
    expect(presence()).toMatchObject([{ will: { delaySeconds: 60 } }, { sessionExpirySeconds: 300, willDelaySeconds: 300 }]);
  });

  test('DISCONNECT leaves no will', async () => {
    const { plug, said } = await broker();
    const { send } = plug();
    const will = { topic: 'fleet/truck-1/status', payload: Buffer.from('x'), qos: 1 as const, retain: false, properties: {} };
    await send(connect({ will }));
    await send({ type: 'disconnect', reasonCode: 0, properties: {} });
    expect(said()).toEqual(['connected', 'client_disconnect']);
  });
});

test('a message that should be retained where there is no room is refused with 0x97, before anything is stored', async () => {
  const { plug, log } = await broker();
  const { send, heard } = plug();
  await send(connect());
  await send(publish(1, { topic: 'fleet/truck-1/status', retain: true, payload: Buffer.alloc(2_000) }));
  expect(acks(heard())).toEqual([[1, 0x97]]);
  expect(log.records.filter(({ topic }) => topic === 'fleet.status')).toEqual([]);
});
