import { once } from 'node:events';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { type Connack, type Connect, Decoder, encode, type Packet, type Publish } from '@milepost/mqtt';

export interface WireClientOptions {
  port: number;
  ca: string;
  clientId: string;
  userName: string;
  password: string;
}

type PublishFlags = Pick<Publish, 'dup' | 'retain'>;

/** A client of MQTT 5.0 that acknowledges only what it is told to: to leave exchanges half done. */
export class WireClient {
  /** What reached the application: QoS 2 once for each exchange. */
  readonly received: { payload: string; qos: number; dup: boolean }[] = [];
  acknowledges: 'all' | 'nothing' | 'pubrec' = 'all';
  /** QoS 2 identifiers that the broker has not released: they outlive the connection, as the client's session does. */
  private readonly unreleased = new Set<number>();
  private socket: TLSSocket | undefined;
  private waiting: { matches(packet: Packet): boolean; resolve(packet: Packet): void }[] = [];

  constructor(private readonly options: WireClientOptions) {}

  /** @returns CONNACK. */
  async connect(port = this.options.port): Promise<Connack> {
    const socket = connectTls({ port, host: '127.0.0.1', ca: this.options.ca, servername: 'localhost' });
    this.socket = socket;
    socket.setMaxListeners(0);
    const decoder = new Decoder({ maxPacketBytes: 1 << 20, protocolVersion: 5 });
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      decoder.push(chunk);
      for (let packet = decoder.next(); packet !== undefined; packet = decoder.next()) {
        if (packet.type === 'protocol-error') throw new Error(`the broker sent something malformed: ${packet.detail}`);
        this.take(packet);
      }
    });
    await once(socket, 'secureConnect');
    const { clientId, userName, password } = this.options;
    const packet: Connect = {
      type: 'connect',
      protocolVersion: 5,
      clientId,
      cleanStart: false,
      keepAliveSeconds: 0,
      userName,
      password: Buffer.from(password),
      properties: { sessionExpiryInterval: 3_600 },
    };
    return (await this.ask(packet, ({ type }) => type === 'connack')) as Connack;
  }

  async subscribe(filter: string): Promise<void> {
    const subscription = { filter, qos: 2 as const, noLocal: false, retainAsPublished: false, retainHandling: 0 as const };
    await this.ask({ type: 'subscribe', packetId: 1, subscriptions: [subscription], properties: {} }, ({ type }) => type === 'suback');
  }

  /** Resolves with the code of PUBACK or PUBREC; QoS 2 is left there, unless released. */
  async publish(packetId: number, topic: string, payload: string, qos: 1 | 2, flags: Partial<PublishFlags> = {}): Promise<number> {
    const { dup = false, retain = false } = flags;
    const publish: Publish = { type: 'publish', topic, payload: Buffer.from(payload), qos, retain, dup, packetId, properties: {} };
    const wanted = qos === 1 ? 'puback' : 'pubrec';
    const ack = await this.ask(publish, (packet) => packet.type === wanted && packet.packetId === packetId);
    return 'reasonCode' in ack ? ack.reasonCode : 0;
  }

  async release(packetId: number): Promise<number> {
    const packet = { type: 'pubrel' as const, packetId, reasonCode: 0, properties: {} };
    const ack = await this.ask(packet, (answer) => answer.type === 'pubcomp' && answer.packetId === packetId);
    return 'reasonCode' in ack ? ack.reasonCode : 0;
  }

  /** No DISCONNECT. */
  cut(): void {
    this.socket?.destroy();
  }

  private ask(packet: Packet, matches: (packet: Packet) => boolean): Promise<Packet> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ matches, resolve });
      this.socket?.once('close', () => reject(new Error(`the connection closed before ${packet.type} was answered`)));
      this.send(packet);
    });
  }

  private send(packet: Packet): void {
    this.socket?.write(encode(packet, 5));
  }

  private take(packet: Packet): void {
    const asked = this.waiting.findIndex(({ matches }) => matches(packet));
    if (asked >= 0) this.waiting.splice(asked, 1)[0]?.resolve(packet);
    else if (packet.type === 'publish') this.takePublish(packet);
    else if (packet.type === 'pubrel') {
      if (this.acknowledges !== 'all') return;
      this.unreleased.delete(packet.packetId);
      this.send({ type: 'pubcomp', packetId: packet.packetId, reasonCode: 0, properties: {} });
    }
  }

  private takePublish({ packetId, payload, qos, dup }: Publish): void {
    const repeated = qos === 2 && this.unreleased.has(packetId);
    if (!repeated) this.received.push({ payload: payload.toString(), qos, dup });
    if (qos === 2) this.unreleased.add(packetId);
    if (qos === 1 && this.acknowledges === 'all') this.send({ type: 'puback', packetId, reasonCode: 0, properties: {} });
    if (qos === 2 && this.acknowledges !== 'nothing') this.send({ type: 'pubrec', packetId, reasonCode: 0, properties: {} });
  }
}
