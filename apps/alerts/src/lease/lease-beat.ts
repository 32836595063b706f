import { hostname } from 'node:os';
import { type Lease, presenceHeaders, presenceTimes, topics } from '@milepost/contracts';
import { sql } from '@milepost/database';
import type { LogWriter } from '@milepost/kafka';
import type { Pool } from 'pg';
import type { AlertsMetrics } from '../metrics.js';

const lastEpoch = sql('alerts/lease/last-epoch');

/** The name that stands when the installation gives none: of this process alone. */
export const defaultNodeId = () => `${hostname()}-alerts-${process.pid}`;

/** DESIGN: the larger of the start time in ms and the node's last seen epoch + 1. */
export async function takeEpoch(pool: Pool, clusterId: string, node: string, nowMs = Date.now()): Promise<number> {
  const { rows } = await pool.query<{ epoch: string | null }>({ ...lastEpoch, values: [clusterId, `alerts/${node}`] });
  return Math.max(nowMs, Number(rows[0]?.epoch ?? 0) + 1);
}

export interface LeaseBeatOptions {
  writer: LogWriter;
  node: string;
  epoch: number;
  partitions: number;
  metrics: Pick<AlertsMetrics, 'leases'>;
  now?: () => number;
}

/** This process's own signs of life: a lease to every presence partition every 2 s, so that a partition has a clock even when no broker runs. */
export class LeaseBeat {
  readonly #options: LeaseBeatOptions;
  #counter = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: LeaseBeatOptions) {
    this.#options = options;
  }

  start(): void {
    this.beat();
    this.#timer = setInterval(() => this.beat(), presenceTimes.leaseIntervalMs);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** A lease that Kafka has not taken yet is replaced by the next, never queued behind it. */
  beat(): void {
    const { writer, node, epoch, partitions, metrics, now = Date.now } = this.#options;
    for (let partition = 0; partition < partitions; partition += 1) {
      this.#counter += 1;
      const lease: Lease = { kind: 'lease', node, epoch, counter: this.#counter, role: 'alerts', partition };
      const record = {
        topic: topics.presence,
        key: null,
        partition,
        value: Buffer.from(JSON.stringify(lease)),
        headers: presenceHeaders(lease, new Date(now())),
      };
      void writer.append(record, { replaces: 'lease' }).then(({ kind }) => metrics.leases.inc({ outcome: kind }));
    }
  }
}
