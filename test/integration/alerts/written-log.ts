import type { DisconnectCause, PresenceRecord } from '@milepost/contracts';
import { createPool, Registry } from '@milepost/database';
import type { LogRecord } from '@milepost/kafka';
import { defaultPolicy, fixedPolicy, type Policies } from '@milepost/presence';
import { createLogger, createMetrics as createRegistry } from '@milepost/runtime';
import type { TestDatabase, TestScope } from '@milepost/test-support';
import { type Held, PartitionWriter, type WriteOutcome } from '../../../apps/alerts/src/consume/partition-writer.js';
import { readEvents } from '../../../apps/alerts/src/consume/read-events.js';
import { createMetrics } from '../../../apps/alerts/src/metrics.js';
import { observe } from '../../../apps/alerts/src/observe.js';
import { Positions } from '../../../apps/alerts/src/store/positions.js';

type Unstamped<R> = R extends PresenceRecord ? Omit<R, 'node' | 'epoch' | 'counter'> : never;

const LEASE_MS = 2_000;
const clusterId = 'test-cluster';

/** Presence partitions that a test writes by hand, in a time of its own, and alerts processes that apply them to a real Postgres. */
export class WrittenLog {
  nowMs = Date.parse('2026-03-01T00:00:00Z');
  readonly silent = new Set<string>();
  /** How far the clock of a partition's Kafka node is ahead. */
  readonly aheadMs = new Map<number, number>();
  /** Kafka says where the log ends, so that partitions that are read to there are known to be by Postgres's clock, in which hardly any time passes here. */
  saysEnd = false;
  readonly #logs: LogRecord[][];
  readonly #read: number[];
  readonly #owners: Process[];
  #counter = 0;

  constructor(
    readonly processes: Process[],
    readonly nodes: string[],
    readonly partitions: number,
  ) {
    this.#logs = Array.from({ length: partitions }, () => []);
    this.#read = Array.from({ length: partitions }, () => 0);
    this.#owners = Array.from({ length: partitions }, (_, partition) => processes[partition % processes.length] as Process);
  }

  append(partition: number, node: string, unstamped: Unstamped<PresenceRecord>): void {
    this.#counter += 1;
    const record = { node, epoch: 1, counter: this.#counter, ...unstamped };
    const log = this.#logs[partition] ?? [];
    const offset = BigInt(log.length);
    const value = Buffer.from(JSON.stringify(record));
    log.push({
      topic: 'fleet.presence',
      partition,
      offset,
      key: null,
      value,
      headers: {},
      timestampMs: this.nowMs + (this.aheadMs.get(partition) ?? 0),
    });
  }

  connected(partition: number, vehicleId: string, connectionId: string, node = 'a', organisation = 'default'): void {
    this.append(partition, node, {
      kind: 'connected',
      vehicleId,
      organisation,
      connectionId,
      connectedAt: new Date(this.nowMs).toISOString(),
      resumed: false,
      address: '192.0.2.1',
      protocolVersion: 5,
      cleanStart: true,
      keepAliveSeconds: 60,
      sessionExpirySeconds: 0,
      certificate: { issuer: 'CN=ca', serial: '01', notAfter: '2030-01-01T00:00:00Z' },
    });
  }

  lost(
    partition: number,
    vehicleId: string,
    connectionId: string,
    node = 'a',
    organisation = 'default',
    cause: DisconnectCause = 'network_error',
  ): void {
    this.append(partition, node, { kind: 'disconnected', vehicleId, organisation, connectionId, cause });
  }

  /** Time passes: leases in every partition, which their owners apply, except those held back. */
  async pass(seconds: number, heldBack: number[] = []): Promise<void> {
    for (const untilMs = this.nowMs + seconds * 1_000; this.nowMs < untilMs; ) {
      this.nowMs = Math.min(untilMs, this.nowMs + LEASE_MS);
      for (let partition = 0; partition < this.partitions; partition += 1) {
        for (const node of this.nodes)
          if (!this.silent.has(node)) this.append(partition, node, { kind: 'lease', role: 'broker', partition });
      }
      await this.apply(heldBack);
    }
  }

  async apply(heldBack: number[] = []): Promise<void> {
    const partitions = Array.from({ length: this.partitions }, (_, partition) => partition).filter(
      (partition) => !heldBack.includes(partition),
    );
    // Owners work at the same time, as processes do.
    await Promise.all(partitions.map((partition) => this.#apply(partition)));
  }

  async #apply(partition: number): Promise<void> {
    const from = this.#read[partition] ?? 0;
    const records = (this.#logs[partition] ?? []).slice(from);
    if (records.length === 0) return;
    const outcome = await this.#owners[partition]?.write(partition, records, undefined, this.saysEnd);
    if (outcome !== 'written') throw new Error(`partition ${partition} was not written: ${outcome}`);
    this.#read[partition] = from + records.length;
  }

  /** Another process takes the partition over. */
  async move(partition: number, to: Process): Promise<void> {
    this.#owners[partition] = to;
    await to.take(partition);
  }

  records(partition: number, from: number): LogRecord[] {
    return (this.#logs[partition] ?? []).slice(from);
  }
}

/** An alerts process without Kafka. */
export interface Process {
  take(partition: number): Promise<void>;
  write(partition: number, records: LogRecord[], isStale?: () => boolean, isEnd?: boolean): Promise<WriteOutcome>;
  /** Records that are read and bound to their vehicles; what it gives writes them, beginning at once. */
  read(partition: number, records: LogRecord[]): Promise<(isStale?: () => boolean, isEnd?: boolean) => Promise<WriteOutcome>>;
  /** How many batches were written so far: with nothing to do but to let time pass, or as any other. */
  steps(): Promise<{ quiet: number; judged: number }>;
  /** Deadlines that wait for the other partitions, by partition, as the metrics say. */
  held(): Promise<Record<string, number>>;
}

export async function startProcess(
  scope: TestScope,
  database: TestDatabase,
  partitions: number,
  policies: () => Policies = () => fixedPolicy(defaultPolicy),
): Promise<Process> {
  const logger = createLogger({ app: 'test', level: 'silent' });
  const metricsRegistry = createRegistry('test');
  const states = new Map<number, Held>();
  const metrics = createMetrics(metricsRegistry, () => observe(states));
  const pool = createPool({ url: database.urlFor('milepost_alerts'), app: 'alerts', size: 6, logger });
  scope.onEnd(() => pool.end());
  const registry = new Registry({ pool, policy: 'auto' });
  const positions = new Positions({ pool, clusterId, logger, metrics });
  const writer = new PartitionWriter({
    states,
    pool,
    positions,
    clusterId,
    partitions,
    policies,
    stormMinVehicles: 20,
    incidentLimits: { settledMs: 300_000, maxMs: 1_200_000 },
    logger,
    metrics,
  });
  const take = async (partition: number) => {
    writer.dropAll();
    await positions.read(partition, { start: 0n });
  };
  for (let partition = 0; partition < partitions; partition += 1) await take(partition);
  const read: Process['read'] = async (partition, records) => {
    const batch = await readEvents(records, { registry, operatorOrganisation: 'default', logger, metrics });
    return (isStale = () => false, isEnd = false) =>
      writer.write({ ...batch, partition, records, ...(isEnd && { endedAtMs: performance.now() }), isStale });
  };
  return {
    take,
    read,
    steps: async () => {
      const { values } = await metrics.steps.get();
      const of = (kind: string) => values.find(({ labels }) => labels.kind === kind)?.value ?? 0;
      return { quiet: of('quiet'), judged: of('judged') };
    },
    held: async () => {
      const said = await metricsRegistry.getSingleMetric('milepost_alerts_deadlines_held')?.get();
      return Object.fromEntries(said?.values.map(({ labels, value }) => [labels.partition, value]) ?? []);
    },
    write: async (partition, records, isStale, isEnd) => (await read(partition, records))(isStale, isEnd),
  };
}
