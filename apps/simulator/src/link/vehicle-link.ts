import type { DiagnosticsItem, LocationItem, StatusItem } from '@milepost/contracts';
import { backoffMs, type Logger, sleep, within } from '@milepost/runtime';
import type { MqttClient } from 'mqtt';
import type { SimulatorMetrics } from '../metrics.js';
import { type ConnectSettings, type Credentials, connect, topicOf } from './connect.js';
import { type ConnectFailures, reasonOf } from './connect-failures.js';
import { OfflineBuffer } from './offline-buffer.js';

export interface VehicleLinkOptions {
  credentials: Credentials;
  settings: ConnectSettings;
  bufferedFixes: number;
  batchFixes: number;
  logger: Logger;
  metrics: SimulatorMetrics;
  /** Of all vehicles together. */
  connectFailures: ConnectFailures;
}

const limits = { backoff: { baseMs: 500, maxMs: 60_000 }, bufferedDiagnostics: 240, drainMs: 6_000, leaveMs: 1_000, stableMs: 10_000 };

type Kind = 'location' | 'diagnostics';
type State = { kind: 'offline' } | { kind: 'online'; client: MqttClient; lost: AbortController };

/**
 * A vehicle's line to the broker. It connects, says `online`, sends what the buffers hold and waits for each PUBACK;
 * when the line breaks it tries again with exponential back-off and full jitter, and sends what was not acknowledged once more.
 */
export class VehicleLink {
  readonly vehicleId: string;
  readonly location: OfflineBuffer<LocationItem>;
  readonly diagnostics = new OfflineBuffer<DiagnosticsItem>(limits.bufferedDiagnostics);
  /** Items that the broker has refused, and nobody sends again. */
  readonly refused = { location: 0, diagnostics: 0 };
  readonly #options: VehicleLinkOptions;
  readonly #stopping = new AbortController();
  #state: State = { kind: 'offline' };
  #blockedUntilMs = 0;

  constructor(options: VehicleLinkOptions) {
    this.#options = options;
    this.vehicleId = options.credentials.vehicleId;
    this.location = new OfflineBuffer(options.bufferedFixes);
  }

  send(kind: 'location', item: LocationItem): void;
  send(kind: 'diagnostics', item: DiagnosticsItem): void;
  send(kind: Kind, item: LocationItem & DiagnosticsItem): void {
    const lost = this[kind].push(item);
    if (lost > 0) this.#options.metrics.lost.inc({ topic: kind }, lost);
  }

  /** Keeps the vehicle connected until `stop`. */
  async run(): Promise<void> {
    const { signal } = this.#stopping;
    for (let failures = 0; !signal.aborted; ) {
      await sleep(Math.max(0, this.#blockedUntilMs - performance.now()), signal);
      const connectedAtMs = performance.now();
      const stayed = (await this.#connectAndServe()) && performance.now() - connectedAtMs >= limits.stableMs;
      failures = stayed ? 0 : failures + 1;
      if (!signal.aborted) await sleep(backoffMs(failures, limits.backoff), signal);
    }
  }

  /** As a dead spot does: the TCP connection ends without a word, and there is no other for a while. */
  loseNetwork(forMs: number): void {
    this.#blockedUntilMs = performance.now() + forMs;
    if (this.#state.kind === 'online') this.#state.client.stream.destroy();
  }

  /** Sends what is left, says `offline`, and leaves with DISCONNECT 0x00; gives up after 6 s. */
  async stop(): Promise<void> {
    const { location, diagnostics } = this;
    const deadline = AbortSignal.timeout(limits.drainMs);
    while (this.#state.kind === 'online' && location.size + diagnostics.size > 0 && !deadline.aborted) {
      const lost = AbortSignal.any([this.#state.lost.signal, deadline]);
      await Promise.race([location.changed(lost), diagnostics.changed(lost)]);
    }
    this.#stopping.abort();
    if (this.#state.kind !== 'online') return;
    const { client } = this.#state;
    await within(this.#publish(client, 'status', { status: 'offline', reason: 'stopped' } satisfies StatusItem), limits.leaveMs);
    await this.#leave(client);
  }

  async #leave(client: MqttClient): Promise<void> {
    await within(client.endAsync(false, { reasonCode: 0 }), limits.leaveMs);
    client.stream.destroy();
  }

  async #connectAndServe(): Promise<boolean> {
    const { credentials, settings, logger, metrics } = this.#options;
    const vehicleId = this.vehicleId;
    let client: MqttClient;
    try {
      client = await connect(credentials, settings, this.#stopping.signal);
    } catch (error) {
      if (this.#stopping.signal.aborted) return false;
      metrics.connectFailures.inc();
      this.#tellFailure(reasonOf(error));
      return false;
    }
    const lost = new AbortController();
    const closed = new Promise<void>((resolve) => {
      client.once('close', () => {
        lost.abort();
        client.end(true); // rejects the publishes that are under way
        resolve();
      });
    });
    if (this.#stopping.signal.aborted) {
      await this.#leave(client);
      return true;
    }
    this.#state = { kind: 'online', client, lost };
    metrics.connected.inc();
    logger.debug({ event: 'vehicle.connected', vehicleId }, `${vehicleId} is connected`);
    const served = Promise.all([
      this.#publish(client, 'status', { status: 'online' } satisfies StatusItem),
      this.#pump('location', client, lost.signal),
      this.#pump('diagnostics', client, lost.signal),
    ]);
    // A client that was told to leave while publishes are under way settles these never.
    await Promise.race([served, closed]);
    this.#state = { kind: 'offline' };
    metrics.connected.dec();
    if (!this.#stopping.signal.aborted) {
      metrics.connectionsLost.inc();
      logger.debug({ event: 'vehicle.disconnected', vehicleId }, `${vehicleId} lost its connection`);
    }
    return true;
  }

  #tellFailure(reason: string): void {
    const { connectFailures, logger } = this.#options;
    const failures = connectFailures.note(reason, performance.now());
    if (failures === undefined) return;
    logger.warn(
      { event: 'vehicle.connect.failed', vehicleId: this.vehicleId, reason, failures },
      failures === 1
        ? `${this.vehicleId} could not connect (${reason}); it tries again`
        : `${failures} connects of the fleet failed (${reason}), the last one of ${this.vehicleId}; all try again`,
    );
  }

  /** One message under way at a time: what waits meanwhile goes out together in the next. */
  async #pump(kind: Kind, client: MqttClient, lost: AbortSignal): Promise<void> {
    const buffer: OfflineBuffer<LocationItem | DiagnosticsItem> = this[kind];
    while (!lost.aborted) {
      const batch = buffer.peek(kind === 'location' ? this.#options.batchFixes : 1);
      if (batch === undefined) {
        await buffer.changed(lost);
        continue;
      }
      const outcome = await this.#publish(client, kind, batch.items.length === 1 ? batch.items[0] : batch.items);
      if (outcome === 'lost') return;
      if (outcome === 'refused') this.refused[kind] += batch.items.length;
      buffer.confirm(batch);
      this.#options.metrics[outcome].inc({ topic: kind }, batch.items.length);
    }
  }

  async #publish(client: MqttClient, kind: Kind | 'status', body: unknown): Promise<'acknowledged' | 'refused' | 'lost'> {
    const { metrics, logger } = this.#options;
    const acknowledged = metrics.ackSeconds.startTimer();
    const properties = { contentType: 'application/json' };
    try {
      await client.publishAsync(topicOf(this.vehicleId, kind), JSON.stringify(body), { qos: 1, retain: kind === 'status', properties });
      acknowledged();
      return 'acknowledged';
    } catch (error) {
      if (!client.connected) return 'lost';
      logger.error(
        { event: 'vehicle.publish.refused', vehicleId: this.vehicleId, topic: kind, err: error },
        `The broker refused a message of ${this.vehicleId}`,
      );
      return 'refused';
    }
  }
}
