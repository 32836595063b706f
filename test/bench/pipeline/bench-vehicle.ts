import { connect as connectTls, type TLSSocket } from 'node:tls';
import { Decoder, encode, NO_PROPERTIES } from '@milepost/mqtt';

export interface VehicleCredentials {
  id: string;
  certificatePem: string;
  privateKeyPem: string;
}

export interface BenchVehicleOptions {
  port: number;
  caPem: string;
  credentials: VehicleCredentials;
  /** Called for every PUBACK. */
  onAck(vehicle: BenchVehicle, latencyMs: number): void;
  onLost(reason: string): void;
}

/** Longer than thousands of them take to connect one after another: there is no PINGREQ here. */
const KEEP_ALIVE_SECONDS = 1_800;

/** As lean a vehicle as there can be: what is measured is the pipeline, on the same two cores. */
export class BenchVehicle {
  readonly id: string;
  inFlight = 0;
  readonly #socket: TLSSocket;
  readonly #sentAt = new Map<number, number>();
  readonly #options: BenchVehicleOptions;
  #packetId = 0;
  #closing = false;

  private constructor(socket: TLSSocket, options: BenchVehicleOptions) {
    this.id = options.credentials.id;
    this.#socket = socket;
    this.#options = options;
  }

  /** Resolves after CONNACK. */
  static connect(options: BenchVehicleOptions): Promise<BenchVehicle> {
    const { port, caPem, credentials } = options;
    return new Promise((resolve, reject) => {
      const socket = connectTls({
        host: '127.0.0.1',
        port,
        ca: caPem,
        cert: credentials.certificatePem,
        key: credentials.privateKeyPem,
        servername: 'localhost',
      });
      socket.setNoDelay(true);
      const vehicle = new BenchVehicle(socket, options);
      const decoder = new Decoder({ maxPacketBytes: 65_536, protocolVersion: 4 });
      socket.once('secureConnect', () => {
        socket.write(
          encode(
            {
              type: 'connect',
              protocolVersion: 4,
              clientId: credentials.id,
              cleanStart: true,
              keepAliveSeconds: KEEP_ALIVE_SECONDS,
              properties: NO_PROPERTIES,
            },
            4,
          ),
        );
      });
      socket.on('data', (chunk: Buffer) => {
        decoder.push(chunk);
        for (let packet = decoder.next(); packet !== undefined; packet = decoder.next()) {
          if (!('type' in packet)) return socket.destroy();
          if (packet.type === 'connack') {
            if (packet.reasonCode !== 0) reject(new Error(`${credentials.id} was refused with return code ${packet.reasonCode}`));
            else resolve(vehicle);
          } else if (packet.type === 'puback') vehicle.#acknowledged(packet.packetId);
        }
        return undefined;
      });
      socket.once('error', reject);
      socket.on('error', () => undefined);
      socket.once('close', () => {
        reject(new Error(`${credentials.id} was closed before CONNACK`));
        if (!vehicle.#closing) options.onLost(`${credentials.id} lost its connection`);
      });
    });
  }

  publish(topic: string, payload: Buffer): void {
    this.#packetId = (this.#packetId % 65_535) + 1;
    this.#sentAt.set(this.#packetId, performance.now());
    this.inFlight += 1;
    this.#socket.write(
      encode(
        { type: 'publish', topic, payload, qos: 1, retain: false, dup: false, packetId: this.#packetId, properties: NO_PROPERTIES },
        4,
      ),
    );
  }

  close(): Promise<void> {
    this.#closing = true;
    return new Promise((resolve) => {
      this.#socket.once('close', () => resolve());
      this.#socket.end(encode({ type: 'disconnect', reasonCode: 0, properties: NO_PROPERTIES }, 4));
      setTimeout(() => this.#socket.destroy(), 2_000).unref();
    });
  }

  #acknowledged(packetId: number): void {
    const sentAt = this.#sentAt.get(packetId);
    if (sentAt === undefined) return;
    this.#sentAt.delete(packetId);
    this.inFlight -= 1;
    this.#options.onAck(this, performance.now() - sentAt);
  }
}
