import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { type Connect, Decoder, encode, type Packet, type Publish, type Subscribe } from '@milepost/mqtt';
import { eventually, type TestApp, type TestPki, type TestScope, useTestScope } from '@milepost/test-support';
import { beforeAll, describe, expect, test } from 'vitest';
import { brokerWithUsers, PASSWORD } from './broker-with-users.js';
import { connectVehicle } from './vehicle.js';

const login = (password = PASSWORD): Connect => ({
  type: 'connect',
  protocolVersion: 5,
  clientId: '',
  cleanStart: true,
  keepAliveSeconds: 0,
  userName: 'anna',
  password: Buffer.from(password),
  properties: {},
});
const publish = (packetId: number, more: Partial<Publish> = {}): Publish => ({
  type: 'publish',
  topic: 'notes/a',
  payload: Buffer.from('x'),
  qos: 1,
  retain: false,
  dup: false,
  packetId,
  properties: {},
  ...more,
});
const subscribe = (packetId: number, filter: string): Subscribe => ({
  type: 'subscribe',
  packetId,
  subscriptions: [{ filter, qos: 1, noLocal: false, retainAsPublished: false, retainHandling: 0 }],
  properties: {},
});

/** Clients at the door of passwords; their sockets end with the scope. */
function talkers(scope: TestScope, port: () => number) {
  const dialled = async (): Promise<Socket> => {
    const socket = connectTcp({ host: '127.0.0.1', port: port() });
    socket.on('error', () => undefined);
    scope.onEnd(() => {
      socket.destroy();
    });
    await once(socket, 'connect');
    return socket;
  };
  /** Sends them in one write. Resolves with the answers, when there are so many. */
  const said = (socket: Socket, count: number, ...packets: Packet[]): Promise<Packet[]> => {
    const decoder = new Decoder({ maxPacketBytes: 1 << 20, protocolVersion: 5 });
    const heard: Packet[] = [];
    return new Promise((resolve, reject) => {
      socket.on('data', (chunk) => {
        decoder.push(chunk);
        for (let packet = decoder.next(); packet !== undefined; packet = decoder.next())
          if (packet.type !== 'protocol-error') heard.push(packet);
        if (heard.length >= count) {
          socket.removeAllListeners('data');
          resolve(heard);
        }
      });
      socket.once('close', () => reject(new Error(`the connection closed after ${JSON.stringify(heard)}`)));
      socket.write(Buffer.concat(packets.map((packet) => encode(packet, 5))));
    });
  };
  const loggedIn = async (clientId = ''): Promise<Socket> => {
    const socket = await dialled();
    expect(await said(socket, 1, { ...login(), clientId })).toMatchObject([{ type: 'connack', reasonCode: 0 }]);
    return socket;
  };
  return { dialled, said, loggedIn };
}

describe('a limit that is reached', () => {
  const scope = useTestScope();
  let pki: TestPki;
  let broker: TestApp;
  let vehiclePort: number;
  let tcpPort: number;

  beforeAll(async () => {
    const world = await brokerWithUsers(scope, {
      users: { anna: 'acme' },
      acl: 'user anna\ntopic readwrite notes/#\n',
      environment: {
        MQTT_TCP_PORT: '0',
        NODE_ID: 'node-x',
        MQTT_MAX_CONNECTS_PER_SECOND: '64',
        MQTT_MAX_SUBSCRIPTIONS: '1',
        MQTT_RECEIVE_MAXIMUM: '1',
        MQTT_MAX_PACKET_BYTES: '1024',
        MQTT_MAX_RETAINED_MESSAGES: '1',
        MQTT_CONNECT_TIMEOUT_MS: '1500',
      },
    });
    pki = world.pki;
    const started = await world.start();
    broker = started.app;
    [vehiclePort, tcpPort] = await Promise.all([started.portOf('vehicles'), started.portOf('tcp')]);
  });

  const { dialled, said, loggedIn } = talkers(scope, () => tcpPort);
  const reached = (limit: string) => broker.metric('milepost_broker_limits_reached_total', { limit });

  test('of subscriptions refuses one more with 0x97', async () => {
    const socket = await loggedIn();
    const answers = await said(socket, 2, subscribe(1, 'notes/a'), subscribe(2, 'notes/b'));
    expect(answers).toMatchObject([{ reasonCodes: [1] }, { reasonCodes: [0x97] }]);
    expect(await reached('subscriptions')).toBe(1);
  });

  test('of messages in flight ends the connection with 0x93', async () => {
    const answers = await said(await loggedIn(), 1, publish(1), publish(2));
    expect(answers).toMatchObject([{ type: 'disconnect', reasonCode: 0x93 }]);
    expect(await reached('receive_maximum')).toBe(1);
  });

  test('of packets ends the connection with 0x95', async () => {
    const answers = await said(await loggedIn(), 1, publish(1, { payload: Buffer.alloc(2_000) }));
    expect(answers).toMatchObject([{ type: 'disconnect', reasonCode: 0x95 }]);
    expect(await reached('packet_bytes')).toBe(1);
  });

  test('of retained messages refuses one more with 0x97', async () => {
    const socket = await loggedIn();
    expect(await said(socket, 1, publish(1, { retain: true }))).toMatchObject([{ type: 'puback', reasonCode: 0 }]);
    expect(await said(socket, 1, publish(2, { retain: true, topic: 'notes/b' }))).toMatchObject([{ type: 'puback', reasonCode: 0x97 }]);
    expect(await reached('retained_messages')).toBe(1);
  });

  test('of the time to CONNECT closes the connection', async () => {
    await once((await dialled()).resume(), 'close');
    expect(await reached('connect_time')).toBe(1);
  });

  test('of CONNECTs is parted by who comes: a flood at the door of passwords does not shut out a vehicle', async () => {
    const certificate = await pki.issue('van-1', { organisation: 'acme' });
    const sockets = await Promise.all(Array.from({ length: 60 }, dialled));
    const codes = await Promise.all(
      sockets.map(async (socket) => {
        const [answer] = await said(socket, 1, login('wrong'));
        return answer?.type === 'connack' ? answer.reasonCode : undefined;
      }),
    );
    const client = await connectVehicle({ port: vehiclePort, caPem: pki.caPem, certificate });
    expect(client.connected).toBe(true);
    expect(codes.filter((code) => code === 0x9f).length).toBeGreaterThan(0);
    await eventually(async () => expect(await reached('connect_rate')).toBeGreaterThan(0));
    await client.endAsync();
  });
});

describe('a limit of all clients together, or of one over its connections, that is reached', () => {
  const scope = useTestScope();
  let broker: TestApp;
  let tcpPort: number;
  const { dialled, said, loggedIn } = talkers(scope, () => tcpPort);
  const reached = (limit: string) => broker.metric('milepost_broker_limits_reached_total', { limit });
  const ping: Packet = { type: 'pingreq' };

  beforeAll(async () => {
    const world = await brokerWithUsers(scope, {
      users: { anna: 'acme' },
      acl: 'user anna\ntopic readwrite notes/#\n',
      environment: {
        MQTT_TCP_PORT: '0',
        MQTT_MAX_PACKETS_PER_SECOND_IN_ALL: '100',
        MQTT_MAX_BYTES_PER_SECOND_IN_ALL: '100000',
        MQTT_MAX_SUBSCRIPTIONS_IN_ALL: '2',
        MQTT_MAX_CONNECTS_PER_CLIENT_PER_MINUTE: '2',
      },
    });
    const started = await world.start();
    broker = started.app;
    tcpPort = await started.portOf('tcp');
  });

  test('of subscriptions refuses one more with 0x97, whoever makes it', async () => {
    const [one, other] = [await loggedIn(), await loggedIn()];
    expect(await said(one, 1, subscribe(1, 'notes/a'))).toMatchObject([{ reasonCodes: [1] }]);
    const answers = await said(other, 3, subscribe(1, 'notes/a'), subscribe(2, 'notes/b'), subscribe(3, 'notes/a'));
    expect(answers).toMatchObject([{ reasonCodes: [1] }, { reasonCodes: [0x97] }, { reasonCodes: [1] }]);
    expect(await reached('subscriptions_all')).toBe(1);
  });

  test('of CONNECTs of one client refuses one more with 0x9F, leaves it the connection that it has, and shuts out nobody else', async () => {
    await loggedIn('restless');
    const last = await loggedIn('restless');
    const [answer] = await said(await dialled(), 1, { ...login(), clientId: 'restless' });
    expect(answer).toMatchObject({ type: 'connack', reasonCode: 0x9f });
    expect(await said(last, 1, ping)).toEqual([{ type: 'pingresp' }]);
    await loggedIn('another');
    expect(await reached('client_connect_rate')).toBe(1);
  });

  test.each([
    ['packets', 'packet_rate_all', Array<Packet>(400).fill(ping)],
    ['bytes', 'byte_rate_all', [publish(1, { payload: Buffer.alloc(200_000) })]],
  ])('of %s a second slows down who sends, and it is answered all the same', async (_what, limit, flood) => {
    const socket = await loggedIn();
    const answers = await said(socket, flood.length, ...flood);
    expect(answers.every((answer) => !('reasonCode' in answer) || answer.reasonCode === 0)).toBe(true);
    expect(await reached(limit)).toBeGreaterThan(0);
    expect(await said(socket, 1, ping)).toEqual([{ type: 'pingresp' }]);
  });
});
