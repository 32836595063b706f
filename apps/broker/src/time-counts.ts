import type { Registry } from '@milepost/runtime';
import type { Metric } from 'prom-client';

/** A histogram without labels that is observed for every message: plain numbers until Prometheus asks. */
export class TimeCounts {
  /** Of each bucket alone; the last is beyond all bounds. */
  private readonly counts: number[];
  private sumSeconds = 0;

  /** Upper bounds in seconds, rising. */
  constructor(private readonly bounds: readonly number[]) {
    this.counts = Array.from({ length: bounds.length + 1 }, () => 0);
  }

  /** `times`: so many of the same. */
  observe(seconds: number, times = 1): void {
    const { bounds, counts } = this;
    let bucket = 0;
    while (bucket < bounds.length && seconds > (bounds[bucket] as number)) bucket += 1;
    counts[bucket] = (counts[bucket] as number) + times;
    this.sumSeconds += seconds * times;
  }

  /** Shows it as a histogram of Prometheus: what prom-client's registry asks of a metric, and no more. */
  register(registry: Registry, name: string, help: string): void {
    const metric = {
      name,
      help,
      type: 'histogram',
      aggregator: 'sum',
      get: () => Promise.resolve({ name, help, type: 'histogram', aggregator: 'sum', values: this.values(name) }),
      reset: () => this.reset(),
    };
    registry.registerMetric(metric as unknown as Metric);
  }

  private reset(): void {
    this.counts.fill(0);
    this.sumSeconds = 0;
  }

  private values(name: string): readonly { metricName: string; labels: object; value: number }[] {
    let cumulative = 0;
    const buckets = this.counts.map((count, index) => {
      cumulative += count;
      return { metricName: `${name}_bucket`, labels: { le: this.bounds[index] ?? '+Inf' }, value: cumulative };
    });
    return [
      ...buckets,
      { metricName: `${name}_sum`, labels: {}, value: this.sumSeconds },
      { metricName: `${name}_count`, labels: {}, value: cumulative },
    ];
  }
}
