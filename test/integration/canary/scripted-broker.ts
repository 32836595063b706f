import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer, type TLSSocket } from 'node:tls';
import { Decoder, encode, type Packet, type Publish } from '@milepost/mqtt';
import type { TestPki } from '@milepost/test-support';

/** A broker of MQTT 5.0 that does as it is told: to play one which is in trouble. */
export interface ScriptedBroker {
  port: number;
  /** The reason code of CONNACK from now on; 0 lets clients in. */
  connackCode: number;
  connects: number;
  /** Those that are acknowledged at once, with a receipt; otherwise never. */
  acknowledges: boolean;
  /** The reason code of PUBACK from now on; 0 says that it is stored. */
  pubackCode: number;
  published: Publish[];
  /** Acknowledges what it kept waiting. */
  acknowledgeAll(): void;
  close(): Promise<void>;
}

export async function startScriptedBroker(pki: TestPki): Promise<ScriptedBroker> {
  const [cert, key] = [pki.environment.MQTT_TLS_CERT_FILE, pki.environment.MQTT_TLS_KEY_FILE].map((file) => readFileSync(file ?? ''));
  if (!cert || !key) throw new Error('no server certificate');
  const sockets = new Set<TLSSocket>();
  const waiting: (() => void)[] = [];
  const server = createServer({ cert, key, ca: pki.caPem, requestCert: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    const decoder = new Decoder({ maxPacketBytes: 1 << 20, protocolVersion: 5 });
    const send = (packet: Packet) => void socket.write(encode(packet, 5));
    socket.on('data', (chunk) => {
      decoder.push(chunk);
      for (let packet = decoder.next(); packet !== undefined; packet = decoder.next()) answer(packet, send, socket);
    });
  });
  const answer = (packet: Packet | { type: 'protocol-error' }, send: (packet: Packet) => void, socket: TLSSocket) => {
    if (packet.type === 'connect') {
      broker.connects += 1;
      send({ type: 'connack', sessionPresent: false, reasonCode: broker.connackCode, properties: {} });
      if (broker.connackCode !== 0) socket.end();
    } else if (packet.type === 'publish') {
      broker.published.push(packet);
      const properties = { userProperties: [['receipt', 'topic/0/7'] as [string, string]] };
      const reasonCode = broker.pubackCode;
      const acknowledge = () => send({ type: 'puback', packetId: packet.packetId, reasonCode, properties });
      if (broker.acknowledges) acknowledge();
      else waiting.push(acknowledge);
    }
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const broker: ScriptedBroker = {
    port: (server.address() as AddressInfo).port,
    connackCode: 0,
    connects: 0,
    acknowledges: true,
    pubackCode: 0,
    published: [],
    acknowledgeAll: () => {
      for (const acknowledge of waiting.splice(0)) acknowledge();
    },
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
  return broker;
}
