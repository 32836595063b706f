import { setTimeout as delay } from 'node:timers/promises';
import { connect, type IClientOptions, type MqttClient, type Packet, Store } from 'mqtt';
import { type Message, makeMessage, payloadOf } from './message.js';
import type { JournalRecord } from './records.js';
import type { VehicleIdentity } from './vehicle-identity.js';

export interface VehicleOptions {
  /** Its place among the vehicles: what it speaks follows from it. */
  index: number;
  identity: VehicleIdentity;
  port: number;
  caPem: string;
  note(record: JournalRecord): void;
  onAcknowledged(vehicle: Vehicle): void;
}

/** Below the broker's Receive Maximum of 32. */
const IN_FLIGHT = 24;
const KEEP_ALIVE_SECONDS = 5;
const RECONNECT_MS = { least: 200, spread: 1_800 };
const CONNECT_TIMEOUT_MS = 8_000;
const SESSION_EXPIRY_SECONDS = 3_600;
/** PUBCOMP to a PUBREL that was repeated, of a message that PUBREC had acknowledged: no error (MQTT 5.0, 3.7.2.1). */
const PACKET_ID_NOT_FOUND = 0x92;

/**
 * Publishes what it has made in the order in which it was made, keeps each message until it is acknowledged, and comes back whenever its
 * connection is lost. Half of them speak MQTT 3.1.1 and half 5.0; of each half, half have a session that outlives the connection and leave
 * it to the MQTT client to send again what was in flight; the others begin anew and send it again as new messages.
 */
export class Vehicle {
  readonly vehicleId: string;
  readonly index: number;
  readonly protocolVersion: 4 | 5;
  readonly keepsSession: boolean;
  clockOffsetMs = 0;
  /** Of a message that it published after this time it was told that it is safe. */
  flowingSince = 0;
  isTaken = false;
  readonly #options: VehicleOptions;
  /** Noted, and not on disk yet: not to be sent. */
  readonly #made: Message[] = [];
  #waiting: Message[] = [];
  /** With the time of its publish. */
  readonly #inFlight = new Map<Message, number>();
  /** QoS 2, by packet identifier. */
  readonly #unreceived = new Map<number, Message>();
  #client: MqttClient | undefined;
  /** Where the MQTT client of a kept session has what is in flight. */
  readonly #stores = { incomingStore: new Store({ clean: false }), outgoingStore: new Store({ clean: false }) };
  /** CONNACK came, and the connection is there. */
  #isUp = false;
  /** What was in flight has been sent again. */
  #isReady = false;
  #heardAt = 0;
  #messages = 0;
  #nextSequence = 0;
  #ended = false;

  constructor(options: VehicleOptions) {
    this.#options = options;
    this.index = options.index;
    this.vehicleId = options.identity.vehicleId;
    this.protocolVersion = options.index % 2 === 0 ? 4 : 5;
    this.keepsSession = Math.floor(options.index / 2) % 2 === 0;
    options.note({ kind: 'vehicle', vehicle: this.index, vehicleId: this.vehicleId });
  }

  get unacknowledged(): number {
    return this.#made.length + this.#waiting.length + this.#inFlight.size;
  }

  /** Makes a message and notes it; `publish` sends it once the note is on disk. */
  make(now: number): void {
    const message = makeMessage(this.#messages, this.#nextSequence, now, this.clockOffsetMs);
    this.#messages += 1;
    this.#nextSequence += message.items.length;
    for (const item of message.items) this.#options.note({ kind: 'sent', vehicle: this.index, topic: message.kind, item });
    this.#made.push(message);
  }

  /** What was made is on disk. */
  publish(): void {
    this.#waiting.push(...this.#made.splice(0));
    this.#send();
  }

  /** Tries until it is connected, or taken away. */
  async connect(): Promise<void> {
    while (!this.isTaken && !this.#ended) {
      if (this.keepsSession && this.#client !== undefined) this.#client.reconnect(this.#stores);
      else this.#open();
      if (await this.#outcome()) return;
      await delay(RECONNECT_MS.least + Math.random() * RECONNECT_MS.spread);
    }
  }

  /** Its network is gone until `connect`. */
  vanish(): void {
    this.isTaken = true;
    const stream = (this.#client as unknown as { stream?: { destroy(): void } } | undefined)?.stream;
    stream?.destroy();
  }

  /** Says goodbye. */
  async leave(): Promise<void> {
    this.#ended = true;
    if (this.#isUp) this.#options.note({ kind: 'left', vehicle: this.index, at: Date.now() });
    await this.#client?.endAsync(!this.#isUp);
  }

  #send(): void {
    const client = this.#client;
    if (client === undefined || !this.#isReady) return;
    while (client.connected && this.#inFlight.size < IN_FLIGHT) {
      const message = this.#waiting.shift();
      if (message === undefined) return;
      this.#inFlight.set(message, Date.now());
      client.publish(`fleet/${this.vehicleId}/${message.kind}`, payloadOf(message), { qos: message.qos }, (error) => {
        const isKnown = !error || (error as { code?: unknown }).code === PACKET_ID_NOT_FOUND;
        if (isKnown && client === this.#client) this.#acknowledged(message);
      });
      if (message.qos === 2) this.#unreceived.set(client.getLastMessageId(), message);
    }
  }

  #open(): void {
    const { identity, port, caPem } = this.#options;
    const kept: Partial<IClientOptions> =
      this.protocolVersion === 5 ? { properties: { sessionExpiryInterval: SESSION_EXPIRY_SECONDS } } : {};
    const client = connect(`mqtts://localhost:${port}`, {
      ca: caPem,
      cert: identity.certificatePem,
      key: identity.privateKeyPem,
      clientId: this.vehicleId,
      protocolVersion: this.protocolVersion,
      clean: !this.keepsSession,
      keepalive: KEEP_ALIVE_SECONDS,
      connectTimeout: CONNECT_TIMEOUT_MS,
      // It comes back when this class says so, not by a timer of the client's.
      reconnectPeriod: 0,
      will: { topic: `fleet/${this.vehicleId}/status`, payload: Buffer.from('{"status":"offline"}'), qos: 1, retain: false },
      ...(this.keepsSession && { ...kept, ...this.#stores }),
    });
    client.on('error', () => undefined);
    client.on('packetreceive', (packet) => this.#heard(client, packet));
    client.on('connect', () => {
      this.#isReady = client === this.#client;
      setImmediate(() => this.#send());
    });
    client.on('close', () => this.#down(client));
    this.#client = client;
  }

  /** True once CONNACK let it in, false when the attempt failed. */
  #outcome(): Promise<boolean> {
    const client = this.#client;
    return new Promise((resolve) => {
      const heard = () => this.#isUp && settle(true);
      const closed = () => settle(false);
      const settle = (outcome: boolean) => {
        client?.off('packetreceive', heard);
        client?.off('close', closed);
        resolve(outcome);
      };
      client?.on('packetreceive', heard);
      client?.once('close', closed);
    });
  }

  #heard(client: MqttClient, packet: Packet): void {
    if (client !== this.#client) return;
    this.#heardAt = Date.now();
    if (packet.cmd === 'pubrec' && (packet.reasonCode ?? 0) < 0x80) this.#received(packet.messageId ?? 0);
    if (packet.cmd !== 'connack' || (packet.reasonCode ?? packet.returnCode ?? 0) !== 0) return;
    this.#isUp = true;
    this.#options.note({ kind: 'up', vehicle: this.index, at: this.#heardAt });
  }

  #down(client: MqttClient): void {
    if (client !== this.#client) return;
    const wasUp = this.#isUp;
    this.#isUp = false;
    this.#isReady = false;
    if (!this.keepsSession) {
      this.#client = undefined;
      client.end(true);
      this.#waiting = [...this.#inFlight.keys(), ...this.#waiting];
      this.#inFlight.clear();
      this.#unreceived.clear();
    }
    if (!wasUp) return;
    if (!this.#ended) this.#options.note({ kind: 'down', vehicle: this.index, at: Date.now(), heardAt: this.#heardAt });
    if (!this.isTaken && !this.#ended) void this.#comeBack();
  }

  async #comeBack(): Promise<void> {
    await delay(RECONNECT_MS.least + Math.random() * RECONNECT_MS.spread);
    await this.connect();
  }

  /** With PUBREC the broker has promised to keep it; what follows is for the packet identifier. */
  #received(packetId: number): void {
    const message = this.#unreceived.get(packetId);
    this.#unreceived.delete(packetId);
    if (message) this.#noteAcknowledged(message);
  }

  #noteAcknowledged({ items }: Message): void {
    const sequence = items[0]?.sequence ?? 0;
    this.#options.note({ kind: 'acknowledged', vehicle: this.index, sequence, count: items.length, at: Date.now() });
  }

  #acknowledged(message: Message): void {
    const publishedAt = this.#inFlight.get(message);
    if (publishedAt === undefined) return;
    this.#inFlight.delete(message);
    this.flowingSince = Math.max(this.flowingSince, publishedAt);
    this.#noteAcknowledged(message);
    this.#options.onAcknowledged(this);
    this.#send();
  }
}
