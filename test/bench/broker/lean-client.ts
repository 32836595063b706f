import { connect as connectTls, createSecureContext, type SecureContext, type TLSSocket } from 'node:tls';
import { encode, NO_PROPERTIES, type ProtocolVersion } from '@milepost/mqtt';
import type { ClientCredentials } from './bench-pki.js';

const KEEP_ALIVE_SECONDS = 1_200;
const contexts = new Map<string, SecureContext>();

/** One client's socket and nothing else: what is received goes to whoever is set. */
export class LeanClient {
  onBytes: (chunk: Buffer) => void = () => undefined;

  private constructor(
    readonly id: string,
    readonly socket: TLSSocket,
  ) {}

  /** Resolves after CONNACK. */
  static connect(port: number, caPem: string, credentials: ClientCredentials): Promise<LeanClient> {
    return new Promise((resolve, reject) => {
      const socket = openTls(port, caPem, credentials);
      const client = new LeanClient(credentials.id, socket);
      socket.once('secureConnect', () => socket.write(connectPacket(credentials.id)));
      client.onBytes = (chunk) => {
        client.onBytes = () => undefined;
        if (chunk[0] === 0x20 && chunk[3] === 0) resolve(client);
        else reject(new Error(`${credentials.id} was refused with return code ${chunk[3]}`));
      };
      socket.on('data', (chunk: Buffer) => client.onBytes(chunk));
      socket.on('error', reject);
      socket.once('close', () => reject(new Error(`${credentials.id} was closed before CONNACK`)));
    });
  }

  /** Resolves after SUBACK. */
  subscribe(topic: string, qos: 0 | 1): Promise<void> {
    const filter = { filter: topic, qos, noLocal: false, retainAsPublished: false, retainHandling: 0 } as const;
    return new Promise((resolve, reject) => {
      this.onBytes = (chunk) => {
        this.onBytes = () => undefined;
        if (chunk[0] === 0x90 && chunk[4] === qos) resolve();
        else reject(new Error(`${this.id} may not subscribe to ${topic}: ${chunk.toString('hex')}`));
      };
      this.socket.write(encode({ type: 'subscribe', packetId: 1, subscriptions: [filter], properties: NO_PROPERTIES }, 4));
    });
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.socket.once('close', () => resolve());
      this.socket.end(encode({ type: 'disconnect', reasonCode: 0, properties: NO_PROPERTIES }, 4));
    });
  }
}

export function openTls(port: number, caPem: string, credentials: ClientCredentials, session?: Buffer): TLSSocket {
  let secureContext = contexts.get(credentials.id);
  if (secureContext === undefined) {
    secureContext = createSecureContext({ ca: caPem, cert: credentials.certificatePem, key: credentials.privateKeyPem });
    contexts.set(credentials.id, secureContext);
  }
  const socket = connectTls({ host: '127.0.0.1', port, servername: 'localhost', secureContext, ...(session !== undefined && { session }) });
  socket.setNoDelay(true);
  return socket;
}

export function connectPacket(clientId: string, protocolVersion: ProtocolVersion = 4): Buffer {
  return encode(
    { type: 'connect', protocolVersion, clientId, cleanStart: true, keepAliveSeconds: KEEP_ALIVE_SECONDS, properties: NO_PROPERTIES },
    protocolVersion,
  );
}
