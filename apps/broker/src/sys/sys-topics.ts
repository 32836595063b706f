import { readFileSync } from 'node:fs';
import type { Logger } from '@milepost/runtime';
import type { LocalDelivery } from '../delivery/subscribers/local-delivery.js';
import type { BrokerMetrics } from '../metrics.js';
import { LoadAverage } from './load-average.js';
import { SYS_LOADS, SYS_READINGS, type SysReading } from './sys-readings.js';

export interface SysTopicsOptions {
  /** Its clients may subscribe, as far as their door lets them; nobody else sees the topics. */
  organisation: string;
  delivery: LocalDelivery;
  metrics: Pick<BrokerMetrics, 'read'>;
  logger: Logger;
}

const ROOT = '$SYS/broker';
const INTERVAL_MS = 10_000;
const PERIODS_MIN = [1, 5, 15] as const;
const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string };

/** The `$SYS` topics: what Prometheus reads of this process, for MQTT clients. In memory alone, never in the log: they are of this moment. */
export class SysTopics {
  private readonly loads = SYS_LOADS.map((of) => ({
    of,
    averages: PERIODS_MIN.map((minutes) => ({ name: `load/${of.topic}/${minutes}min`, average: new LoadAverage(minutes * 60_000) })),
  }));
  private timer: NodeJS.Timeout | undefined;
  private publishedAtMs = performance.now();

  constructor(private readonly options: SysTopicsOptions) {}

  /** Resolves when there is a first value of each topic. */
  async start(): Promise<void> {
    this.timer = setInterval(() => void this.update(), INTERVAL_MS).unref();
    this.publish('version', `milepost ${version}`);
    for (const { averages } of this.loads) for (const { name, average } of averages) this.publishLoad(name, average.perMinute);
    await this.publishReadings();
  }

  close(): void {
    clearInterval(this.timer);
  }

  private async update(): Promise<void> {
    try {
      this.publish('version', `milepost ${version}`);
      await this.publishReadings();
      await this.publishLoads();
    } catch (error) {
      this.options.logger.error(
        { event: 'broker.sys.failed', err: error },
        'The $SYS topics could not be updated; they keep their last values',
      );
    }
  }

  private async publishReadings(): Promise<void> {
    const values = await Promise.all(SYS_READINGS.map((of) => this.read(of)));
    SYS_READINGS.forEach(({ topic }, index) => {
      this.publish(topic, String(Math.floor(values[index] ?? 0)));
    });
  }

  private async publishLoads(): Promise<void> {
    const totals = await Promise.all(this.loads.map(({ of }) => this.read(of)));
    const now = performance.now();
    // Two looks at the same moment have nothing between them to divide by.
    const elapsedMs = Math.max(now - this.publishedAtMs, 1);
    this.publishedAtMs = now;
    this.loads.forEach(({ averages }, index) => {
      for (const { name, average } of averages) this.publishLoad(name, average.add(totals[index] ?? 0, elapsedMs));
    });
  }

  private async read({ sumOf }: SysReading): Promise<number> {
    const values = await Promise.all(sumOf.map((of) => this.options.metrics.read(of)));
    return values.reduce((sum, value) => sum + value, 0);
  }

  private publishLoad(name: string, perMinute: number): void {
    this.publish(name, perMinute.toFixed(2));
  }

  private publish(name: string, text: string): void {
    const message = { topic: `${ROOT}/${name}`, payload: Buffer.from(text), qos: 0 as const, retain: true, properties: {} };
    this.options.delivery.publishOwn(this.options.organisation, message);
  }
}
