// A load process: lean mTLS vehicles that publish location messages and measure publish → PUBACK.
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { BenchVehicle } from './bench-vehicle.js';
import type { LoadOrder, LoadReport } from './load-protocol.js';

/** Resolves when the message is with the parent: a channel that is closed before takes it along. */
const report = (message: LoadReport) => new Promise<void>((resolve) => process.send?.(message, undefined, undefined, () => resolve()));
const connectAtOnce = 32;
const ackTimeoutMs = 30_000;

process.once('message', (order: LoadOrder) => {
  run(order)
    .catch((error: unknown) => report({ kind: 'failed', message: String(error) }))
    .finally(() => process.connected && process.disconnect());
});

async function run(order: LoadOrder): Promise<void> {
  const latencies: number[] = [];
  let published = 0;
  let acknowledged = 0;
  let lastAckAt = 0;
  let stopped = false;
  let failure: string | undefined;
  const sequence = new Map<string, number>();

  const fix = fixesOf(order.payloadBytes);
  const publish = (vehicle: BenchVehicle) => {
    const next = (sequence.get(vehicle.id) ?? 0) + 1;
    sequence.set(vehicle.id, next);
    published += 1;
    vehicle.publish(`fleet/${vehicle.id}/location`, fix(next));
  };
  const vehicles = await connectAll(order, {
    onAck: (vehicle, latencyMs) => {
      latencies.push(latencyMs);
      acknowledged += 1;
      lastAckAt = Date.now();
      if (order.rate === 0 && !stopped) publish(vehicle);
    },
    onLost: (reason) => {
      failure ??= reason;
    },
  });
  const told = once(process, 'message');
  void report({ kind: 'connected', vehicles: vehicles.length });
  await told;

  if (order.rate === 0) for (const vehicle of vehicles) for (let n = 0; n < order.inflight; n += 1) publish(vehicle);
  else paced(order, vehicles, publish, () => stopped);
  await delay(order.warmUpSeconds * 1_000);
  latencies.length = 0;
  void report({ kind: 'warm', acknowledged });
  const startedAt = performance.now();
  const usedBefore = process.cpuUsage();
  await delay(order.seconds * 1_000);
  stopped = true;
  const seconds = (performance.now() - startedAt) / 1000;
  for (
    const deadline = performance.now() + ackTimeoutMs;
    acknowledged < published && performance.now() < deadline && failure === undefined;
  )
    await delay(10);
  if (acknowledged < published) failure ??= `${published - acknowledged} messages were not acknowledged within ${ackTimeoutMs / 1_000} s`;
  const used = process.cpuUsage(usedBefore);
  const cpuSeconds = (used.user + used.system) / 1e6;
  if (failure === undefined) {
    const mayLeave = Promise.race([once(process, 'message'), once(process, 'disconnect')]);
    await report({ kind: 'done', published, acknowledged, seconds, cpuSeconds, lastAckAt, ackLatenciesMs: Float64Array.from(latencies) });
    await mayLeave;
  }
  await Promise.all(vehicles.map((vehicle) => vehicle.close()));
  if (failure !== undefined) await report({ kind: 'failed', message: failure });
}

async function connectAll(
  order: LoadOrder,
  handlers: { onAck(vehicle: BenchVehicle, latencyMs: number): void; onLost(reason: string): void },
): Promise<BenchVehicle[]> {
  const vehicles: BenchVehicle[] = [];
  for (let at = 0; at < order.vehicles.length; at += connectAtOnce) {
    const batch = order.vehicles.slice(at, at + connectAtOnce);
    vehicles.push(
      ...(await Promise.all(
        batch.map((credentials) => BenchVehicle.connect({ port: order.mqttPort, caPem: order.caPem, credentials, ...handlers })),
      )),
    );
  }
  return vehicles;
}

/** Publishes at the wanted rate, round robin; a vehicle whose window is full is passed over, and what is behind is caught up. */
function paced(order: LoadOrder, vehicles: BenchVehicle[], publish: (vehicle: BenchVehicle) => void, isStopped: () => boolean): void {
  const startedAt = performance.now();
  let sent = 0;
  let next = 0;
  const tick = () => {
    if (isStopped()) return;
    const due = Math.floor(((performance.now() - startedAt) / 1000) * order.rate);
    for (let tried = 0; sent < due && tried < vehicles.length; tried += 1) {
      const vehicle = vehicles[next % vehicles.length];
      next += 1;
      if (vehicle === undefined || vehicle.inFlight >= order.inflight) continue;
      publish(vehicle);
      sent += 1;
      tried = -1;
    }
    setTimeout(tick, 1);
  };
  tick();
}

/** Makes location messages of just so many bytes. */
function fixesOf(bytes: number): (sequence: number) => Buffer {
  const item = (sequence: number, pad: string) =>
    `{"recordedAt":${Date.now()},"latitude":${52.5 + (sequence % 1000) / 10_000},"longitude":13.4,"speedKph":80,"headingDeg":90,"altitudeM":35,"sequence":${sequence},"attributes":{"pad":"${pad}"}}`;
  const padding = 'x'.repeat(bytes);
  return (sequence) => Buffer.from(item(sequence, padding.slice(0, Math.max(0, bytes - item(sequence, '').length))));
}
