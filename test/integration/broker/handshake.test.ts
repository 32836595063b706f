import { once } from 'node:events';
import { type AddressInfo, connect as connectTcp, createServer, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import type { IssuedCertificate } from '@milepost/pki';
import { issueServerCertificate } from '@milepost/pki';
import { eventually, type TestApp, type TestPki, useTestScope } from '@milepost/test-support';
import { beforeAll, describe, expect, test } from 'vitest';
import { connectVehicle, outcomeOf, vehicleClient } from './vehicle.js';

describe('the handshake', () => {
  const scope = useTestScope();
  let pki: TestPki;
  let broker: TestApp;
  let port: number;
  const open: Socket[] = [];

  beforeAll(async () => {
    const [made, kafka] = await Promise.all([scope.pki(), scope.topics()]);
    pki = made;
    broker = await scope.app('broker', {
      ...kafka.environment,
      ...pki.environment,
      MQTT_TLS_PORT: '0',
      NODE_ID: 'node-h',
      MQTT_MAX_HANDSHAKES: '4',
      MQTT_HANDSHAKE_TIMEOUT_MS: '2000',
      MQTT_CONNECT_TIMEOUT_MS: '1500',
      MQTT_MAX_CONNECTIONS: '40',
    });
    port = Number((await broker.waitForLog('broker.listening')).port);
    scope.onEnd(() => {
      for (const socket of open) socket.destroy();
    });
  });

  const secured = async (certificate: IssuedCertificate, more: object = {}): Promise<TLSSocket> => {
    const { certificatePem: cert, privateKeyPem: key } = certificate;
    const socket = connectTls({ host: '127.0.0.1', port, ca: pki.caPem, cert, key, servername: 'localhost', ...more });
    socket.on('error', () => undefined);
    open.push(socket);
    await once(socket, 'secureConnect');
    return socket;
  };
  /** CONNECT of MQTT 3.1.1, clean, with an empty client id. Resolves with the first byte of the answer, if there is one. */
  const hello = (socket: TLSSocket): Promise<number | undefined> => {
    socket.write(Buffer.from('100c00044d5154540402003c0000', 'hex'));
    return new Promise((resolve) => {
      socket.once('data', (chunk: Buffer) => resolve(chunk[0]));
      socket.once('close', () => resolve(undefined));
    });
  };

  test.each(['TLSv1.2', 'TLSv1.3'] as const)(
    'a resumed session of %s names its vehicle, and is refused once the certificate is revoked',
    async (maxVersion) => {
      const certificate = await pki.issue(`resumed-${maxVersion}`);
      const first = await secured(certificate, { maxVersion });
      const ticket = maxVersion === 'TLSv1.3' ? once(first, 'session') : Promise.resolve([first.getSession()]);
      expect(await hello(first)).toBe(0x20);
      const [session] = (await ticket) as [Buffer];
      first.end();
      const second = await secured(certificate, { maxVersion, session });
      expect(second.isSessionReused()).toBe(true);
      expect(await hello(second)).toBe(0x20);
      const closed = once(second, 'close');
      await pki.revoke(certificate.serial);
      second.resume();
      await closed;
      const third = await secured(certificate, { maxVersion, session });
      expect(await hello(third)).toBeUndefined();
    },
  );

  test('TLS 1.1 is refused', async () => {
    const socket = connectTls({
      host: '127.0.0.1',
      port,
      ca: pki.caPem,
      minVersion: 'TLSv1',
      maxVersion: 'TLSv1.1',
      ciphers: 'ALL:@SECLEVEL=0',
      servername: 'localhost',
    });
    socket.on('error', () => undefined);
    // What the client says of it, it also says of a version that it cannot speak itself.
    await eventually(() =>
      expect(broker.logs).toContainEqual(expect.objectContaining({ event: 'broker.handshake.failed', reason: 'tls_version' })),
    );
  });

  test('MQTT or HTTP in the clear is a refused connection with its reason: counted, and logged once for many', async () => {
    const refusedBefore = await broker.metric('milepost_broker_refused_connections_total', { reason: 'not_tls' });
    const plain = ['100f00044d5154540402003c0003616263', Buffer.from('GET / HTTP/1.1\r\n\r\n').toString('hex')];
    for (const bytes of [...plain, ...plain]) {
      const socket = connectTcp({ host: '127.0.0.1', port });
      socket.on('error', () => undefined);
      socket.resume().write(Buffer.from(bytes, 'hex'));
      await once(socket, 'close');
    }
    await eventually(async () =>
      expect(await broker.metric('milepost_broker_refused_connections_total', { reason: 'not_tls' })).toBe(refusedBefore + 4),
    );
    const said = broker.logs.filter(({ event, reason }) => event === 'broker.connection.refused' && reason === 'not_tls');
    expect(said[0]).toMatchObject({ address: '127.0.0.1', count: 1 });
    expect(said.length).toBeLessThan(4);
  });

  test('a client that does not accept the certificate of the broker is a refused connection with its reason and its address', async () => {
    // node:tls sends no alert when it does not like a certificate; others do, so one is put in here.
    const UNKNOWN_CA = Buffer.from('15030300020230', 'hex');
    const relay = createServer((near) => {
      const far = connectTcp({ host: '127.0.0.1', port });
      for (const socket of [near, far]) socket.on('error', () => undefined);
      near.once('data', (hello) => far.write(hello));
      far.once('data', () => far.end(UNKNOWN_CA));
      far.once('close', () => near.destroy());
    });
    scope.onEnd(() => relay.close());
    relay.listen(0, '127.0.0.1');
    await once(relay, 'listening');
    const client = connectTls({
      host: '127.0.0.1',
      port: (relay.address() as AddressInfo).port,
      maxVersion: 'TLSv1.2',
      servername: 'localhost',
    });
    client.on('error', () => undefined);
    await eventually(async () =>
      expect(broker.logs).toContainEqual(
        expect.objectContaining({ event: 'broker.connection.refused', reason: 'broker_not_trusted', address: '127.0.0.1' }),
      ),
    );
  });

  test('who says nothing holds a place for a second, and is cut at the handshake time-out; the others wait their turn', async () => {
    const silent = Array.from({ length: 8 }, () => connectTcp({ host: '127.0.0.1', port }));
    for (const socket of silent) socket.on('error', () => undefined);
    open.push(...silent);
    await eventually(async () => expect(await broker.metric('milepost_broker_handshakes_waiting')).toBe(5));
    // One address has three of the four places at most.
    expect(await broker.metric('milepost_broker_handshakes_running')).toBe(3);
    const certificate = await pki.issue('elsewhere');
    await secured(certificate, { localAddress: '127.0.0.2' });
    expect(await broker.metric('milepost_broker_limits_reached_total', { limit: 'handshake_silence' })).toBe(0);
    // Behind eight that say nothing, three at a time.
    const client = await connectVehicle({ port, caPem: pki.caPem, certificate: await pki.issue('patient') });
    await client.endAsync();
    expect(await broker.metric('milepost_broker_limits_reached_total', { limit: 'handshake_silence' })).toBeGreaterThanOrEqual(5);
    await eventually(async () => expect(await broker.metric('milepost_broker_handshake_failures_total')).toBeGreaterThanOrEqual(8), {
      timeoutMs: 6_000,
    });
    // A failure is counted before its socket is closed, and with that its place is free.
    await eventually(async () => expect(await broker.metric('milepost_broker_handshakes_running')).toBe(0));
  });

  test('without a CONNECT in time a connection is closed', async () => {
    const socket = await secured(await pki.issue('silent'));
    const startedAt = Date.now();
    socket.resume();
    await once(socket, 'close');
    expect(Date.now() - startedAt).toBeGreaterThanOrEqual(1_400);
  });

  test('a new server certificate is used without a restart, and open connections stay', async () => {
    const client = await connectVehicle({ port, caPem: pki.caPem, certificate: await pki.issue('stays') });
    const serialNow = async () => {
      const socket = await secured(await pki.issue('looks'));
      const serial = socket.getPeerX509Certificate()?.serialNumber;
      socket.destroy();
      return serial;
    };
    const before = await serialNow();
    await issueServerCertificate(pki.authority);
    await broker.waitForLog('broker.certificate.reloaded');
    const after = await eventually(async () => {
      const serial = await serialNow();
      expect(serial).not.toBe(before);
      return serial;
    });
    expect(after).toBeDefined();
    expect(client.connected).toBe(true);
    await client.endAsync();
  });

  test('a storm of vehicles is let in, one handful after the other', async () => {
    const certificates = await Promise.all(Array.from({ length: 25 }, (_, n) => pki.issue(`storm-${n}`)));
    const clients = await Promise.all(certificates.map((certificate) => connectVehicle({ port, caPem: pki.caPem, certificate })));
    expect(clients.every(({ connected }) => connected)).toBe(true);
    const late = await Promise.all(Array.from({ length: 30 }, async () => outcomeOf(vehicleClient({ port, caPem: pki.caPem }))));
    expect(late.every((outcome) => outcome === 'closed')).toBe(true);
    await eventually(async () =>
      expect(await broker.metric('milepost_broker_refused_connections_total', { reason: 'overloaded' })).toBeGreaterThan(0),
    );
    await Promise.all(clients.map((client) => client.endAsync()));
  });
});
