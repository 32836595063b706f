import { setTimeout as delay } from 'node:timers/promises';
import type { MqttClient } from 'mqtt';
import { cut, outcomeOf, vehicleClient } from '../../integration/broker/vehicle.js';
import type { Ledger, SentItem } from './ledger.js';
import type { VehicleIdentity } from './pipeline.js';

/** Below the broker's Receive Maximum. */
const IN_FLIGHT = 16;
const KEEP_ALIVE_SECONDS = 5;
const RECONNECT_MS = { least: 100, spread: 400 };
/** Every so many messages one is wrong, late, or of QoS 2. */
const WRONG_EVERY = 13;
const LATE_EVERY = 7;
const QOS_2_EVERY = 5;
const LATE_BY_MS = 3_600_000;

/** Publishes one fix after the other, keeps each until it is acknowledged, and comes back with them whenever its connection is lost. */
export class StubbornVehicle {
  readonly vehicleId: string;
  /** Connections that ended although this vehicle wanted to stay; the reason code of the broker's DISCONNECT when there was one. */
  readonly losses: (number | undefined)[] = [];
  readonly #identity: VehicleIdentity;
  readonly #ledger: Ledger;
  readonly #startedAt = Date.now();
  #waiting: SentItem[] = [];
  readonly #inFlight = new Set<SentItem>();
  #sequence = 0;
  #client: MqttClient | undefined;
  #staysAway = false;

  constructor(identity: VehicleIdentity, ledger: Ledger) {
    this.#identity = identity;
    this.#ledger = ledger;
    this.vehicleId = identity.certificate.vehicleId;
  }

  get unacknowledged(): number {
    return this.#waiting.length + this.#inFlight.size;
  }

  /** Resolves when it is connected. */
  async connect(): Promise<void> {
    this.#staysAway = false;
    for (;;) {
      const client = vehicleClient({
        ...this.#identity,
        keepalive: KEEP_ALIVE_SECONDS,
        connectTimeout: 5_000,
        will: { topic: `fleet/${this.vehicleId}/status`, payload: Buffer.from('{"status":"offline"}'), qos: 1, retain: false },
      });
      const outcome = await outcomeOf(client);
      if (outcome === 0) return this.#use(client);
      client.end(true);
      await delay(RECONNECT_MS.least + Math.random() * RECONNECT_MS.spread);
      if (this.#staysAway) return;
    }
  }

  /** One fix more. */
  publishNext(): void {
    const sequence = this.#sequence++;
    const isLate = sequence % LATE_EVERY === LATE_EVERY - 1;
    const item: SentItem = {
      vehicleId: this.vehicleId,
      sequence,
      recordedAt: this.#startedAt + sequence - (isLate ? LATE_BY_MS : 0),
      latitude: sequence % WRONG_EVERY === WRONG_EVERY - 1 ? 91 : (sequence % 1_800) / 10 - 90,
      longitude: sequence / 1_000,
    };
    this.#ledger.sent(item);
    this.#waiting.push(item);
    this.#publishWaiting();
  }

  /** Its network is gone, and it does not come back until `connect`. */
  vanish(): void {
    this.#staysAway = true;
    if (this.#client) cut(this.#client);
  }

  async leave(): Promise<void> {
    this.#staysAway = true;
    await this.#client?.endAsync();
  }

  #use(client: MqttClient): void {
    this.#client = client;
    let reasonCode: number | undefined;
    client.once('disconnect', (packet) => {
      reasonCode = packet.reasonCode;
    });
    client.once('close', () => {
      this.#client = undefined;
      client.end(true);
      // Sent again from the first that was not acknowledged, in the order in which they were made.
      this.#waiting = [...this.#inFlight, ...this.#waiting];
      this.#inFlight.clear();
      if (this.#staysAway) return;
      this.losses.push(reasonCode);
      void this.connect();
    });
    this.#publishWaiting();
  }

  #publishWaiting(): void {
    const client = this.#client;
    while (client?.connected && this.#inFlight.size < IN_FLIGHT) {
      const item = this.#waiting.shift();
      if (item === undefined) return;
      this.#inFlight.add(item);
      const { vehicleId: _, ...payload } = item;
      const qos = item.sequence % QOS_2_EVERY === 0 ? 2 : 1;
      client.publish(`fleet/${this.vehicleId}/location`, JSON.stringify(payload), { qos }, (error) => {
        if (error || client !== this.#client) return;
        this.#inFlight.delete(item);
        this.#ledger.acknowledge(item);
        this.#publishWaiting();
      });
    }
  }
}
