/** What the bench tells a load process; what it hears back; and, once all of them are connected, `go`; when it is done and all is measured, `leave`. */
export interface LoadOrder {
  mqttPort: number;
  caPem: string;
  vehicles: { id: string; certificatePem: string; privateKeyPem: string }[];
  inflight: number;
  rate: number;
  /** Published before the measuring begins. */
  warmUpSeconds: number;
  seconds: number;
  payloadBytes: number;
}

export type LoadReport =
  | { kind: 'connected'; vehicles: number }
  | { kind: 'warm'; acknowledged: number }
  /** Counts from the first publish on; seconds, the load's own CPU and latencies from the end of the warm-up. */
  | {
      kind: 'done';
      published: number;
      acknowledged: number;
      seconds: number;
      cpuSeconds: number;
      lastAckAt: number;
      ackLatenciesMs: Float64Array;
    }
  | { kind: 'failed'; message: string };

export const go = 'go';
export const leave = 'leave';

export interface Percentiles {
  p50: number;
  p95: number;
  p99: number;
  max: number;
}

export function percentiles(samples: ArrayLike<number>): Percentiles {
  const sorted = Float64Array.from(samples).sort();
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) };
}
