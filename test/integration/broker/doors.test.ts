import { once } from 'node:events';
import type { Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import type { IssuedCertificate } from '@milepost/pki';
import { eventually, type TestApp, type TestPki, useTestScope } from '@milepost/test-support';
import { connect, type IClientOptions, type MqttClient } from 'mqtt';
import { beforeAll, describe, expect, test } from 'vitest';
import { brokerWithUsers, PASSWORD } from './broker-with-users.js';
import { endOf, outcomeOf, publishCode } from './vehicle.js';

const LOGIN = { username: 'anna', password: PASSWORD };

describe('beside MQTT over TLS', () => {
  const scope = useTestScope();
  let pki: TestPki;
  let strangers: TestPki;
  let broker: TestApp;
  let webSocketPort: number;
  let tcpPort: number;

  beforeAll(async () => {
    const [world, others] = await Promise.all([
      brokerWithUsers(scope, {
        users: { anna: 'acme' },
        acl: 'pattern read fleet/+/location\npattern write fleet/+/commands/#\n',
        environment: { MQTT_WS_PORT: '0', MQTT_TCP_PORT: '0', MQTT_CONNECT_TIMEOUT_MS: '9000', NODE_ID: 'node-d' },
      }),
      scope.pki(),
    ]);
    pki = world.pki;
    strangers = others;
    const started = await world.start();
    broker = started.app;
    [webSocketPort, tcpPort] = await Promise.all([started.portOf('webSocket'), started.portOf('tcp')]);
  });

  const client = (url: string, options: IClientOptions): MqttClient => {
    const made = connect(url, { ca: pki.caPem, protocolVersion: 5, reconnectPeriod: 0, ...options });
    made.on('error', () => undefined);
    scope.onEnd(() => made.endAsync(true));
    return made;
  };
  const overWebSocket = (options: IClientOptions) => client(`wss://localhost:${webSocketPort}/mqtt`, options);
  const overTcp = (options: IClientOptions) => client(`mqtt://127.0.0.1:${tcpPort}`, options);
  const shown = ({ vehicleId, certificatePem, privateKeyPem }: IssuedCertificate) => ({
    cert: certificatePem,
    key: privateKeyPem,
    clientId: vehicleId,
  });
  const secured = async (certificate?: IssuedCertificate): Promise<TLSSocket> => {
    const identity = certificate && { cert: certificate.certificatePem, key: certificate.privateKeyPem };
    const socket = connectTls({ host: '127.0.0.1', port: webSocketPort, ca: pki.caPem, servername: 'localhost', ...identity });
    socket.on('error', () => undefined);
    scope.onEnd(() => {
      socket.destroy();
    });
    await once(socket, 'secureConnect');
    return socket;
  };
  /** The status that an upgrade is answered with. */
  const upgraded = async (socket: Socket, ...headers: string[]): Promise<number> => {
    const lines = [
      'GET /mqtt HTTP/1.1',
      'Host: localhost',
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
      'Sec-WebSocket-Protocol: mqtt',
      ...headers,
    ];
    socket.write(`${lines.join('\r\n')}\r\n\r\n`);
    const [answer] = (await once(socket, 'data')) as [Buffer];
    return Number(/^HTTP\/1\.1 (\d+)/.exec(answer.toString())?.[1]);
  };

  test('a vehicle speaks over WebSocket with its certificate, and a user with a password at the same port', async () => {
    const anna = overWebSocket(LOGIN);
    expect(await outcomeOf(anna)).toBe(0);
    const seen: string[] = [];
    anna.on('message', (topic, payload) => seen.push(`${topic} ${payload}`));
    await anna.subscribeAsync('fleet/+/location', { qos: 1 });
    const vehicle = overWebSocket(shown(await pki.issue('van-1', { organisation: 'acme' })));
    expect(await outcomeOf(vehicle)).toBe(0);
    expect(await publishCode(vehicle, 'fleet/van-1/location', '{}')).toBe(0);
    expect(await publishCode(vehicle, 'fleet/van-2/location', '{}')).toBe(0x87);
    await expect.poll(() => seen).toEqual(['fleet/van-1/location {}']);
  });

  test('a wrong password is refused over WebSocket too: 0x86', async () => {
    expect(await outcomeOf(overWebSocket({ ...LOGIN, password: 'wrong' }))).toBe(0x86);
  });

  test('a certificate that is refused is never made up for by a password', async () => {
    const certificate = await strangers.issue('van-1', { organisation: 'acme' });
    expect(await outcomeOf(overWebSocket({ ...LOGIN, ...shown(certificate) }))).toBe('closed');
    expect(await broker.metric('milepost_broker_refused_connections_total', { reason: 'unknown_ca' })).toBe(1);
  });

  test('a certificate that is revoked between handshake and upgrade is refused with 403', async () => {
    const certificate = await pki.issue('van-3', { organisation: 'acme' });
    const socket = await secured(certificate);
    const bystander = overWebSocket(shown(certificate));
    expect(await outcomeOf(bystander)).toBe(0);
    const ended = endOf(bystander);
    await pki.revoke(certificate.serial);
    expect(await ended).toBe(0x87);
    expect(await upgraded(socket)).toBe(403);
  });

  test('a web page may not use the certificate of a browser; a user with a password may come from one', async () => {
    const certificate = await pki.issue('van-4', { organisation: 'acme' });
    expect(await upgraded(await secured(certificate), 'Origin: https://elsewhere.example')).toBe(403);
    expect(await broker.metric('milepost_broker_refused_connections_total', { reason: 'web_page' })).toBe(1);
    const refusal = { event: 'broker.connection.refused', reason: 'web_page', commonName: 'van-4', organisation: 'acme' };
    await expect.poll(() => broker.logs).toContainEqual(expect.objectContaining(refusal));
    expect(await upgraded(await secured(certificate))).toBe(101);
    expect(await upgraded(await secured(), 'Origin: https://console.example')).toBe(101);
  });

  test('a vehicle that speaks MQTT without WebSocket is told 400, and is on record with the reason', async () => {
    const socket = await secured(await pki.issue('van-7', { organisation: 'acme' }));
    socket.write(Buffer.from('100c00044d5154540402003c0000', 'hex'));
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(String(answer)).toMatch(/^HTTP\/1\.1 400 /);
    const refusal = { event: 'broker.connection.refused', reason: 'bad_upgrade', commonName: 'van-7', organisation: 'acme' };
    await expect.poll(() => broker.logs).toContainEqual(expect.objectContaining(refusal));
  });

  test('the port without TLS lets in who has a password, on loopback, and nobody else', async () => {
    const anna = overTcp(LOGIN);
    expect(await outcomeOf(anna)).toBe(0);
    expect(await publishCode(anna, 'fleet/van-5/commands/unlock', 'now')).toBe(0);
    expect(await outcomeOf(overTcp({ ...LOGIN, password: 'wrong' }))).toBe(0x86);
    expect(await outcomeOf(overTcp({ clientId: 'van-1' }))).toBe(0x86);
    expect((await broker.waitForLog('broker.tcp.listening')).host).toBe('127.0.0.1');
  });
});

describe('limits of the whole process', () => {
  const scope = useTestScope();
  let pki: TestPki;
  let broker: TestApp;
  let ports: { vehicles: number; webSocket: number };

  beforeAll(async () => {
    const [made, kafka] = await Promise.all([scope.pki(), scope.topics()]);
    pki = made;
    broker = await scope.app('broker', {
      ...kafka.environment,
      ...pki.environment,
      MQTT_TLS_PORT: '0',
      MQTT_WS_PORT: '0',
      MQTT_MAX_CONNECTIONS: '3',
      NODE_ID: 'node-l',
    });
    ports = {
      vehicles: Number((await broker.waitForLog('broker.listening')).port),
      webSocket: Number((await broker.waitForLog('broker.web_socket.listening')).port),
    };
  });

  test('connections are counted over all doors together', async () => {
    const sockets: TLSSocket[] = [];
    scope.onEnd(() => {
      for (const socket of sockets) socket.destroy();
    });
    const knock = async (port: number) => {
      const socket = connectTls({ host: '127.0.0.1', port, ca: pki.caPem, servername: 'localhost', ...identity });
      socket.on('error', () => undefined);
      sockets.push(socket);
      return Promise.race([once(socket, 'secureConnect').then(() => 'in'), once(socket, 'close').then(() => 'out')]).catch(() => 'out');
    };
    const { certificatePem: cert, privateKeyPem: key } = await pki.issue('van-6');
    const identity = { cert, key };
    expect(await knock(ports.vehicles)).toBe('in');
    expect(await knock(ports.webSocket)).toBe('in');
    expect(await knock(ports.vehicles)).toBe('in');
    expect(await knock(ports.webSocket)).toBe('out');
    await eventually(async () => expect(await broker.metric('milepost_broker_limits_reached_total', { limit: 'connections' })).toBe(1));
  });
});
