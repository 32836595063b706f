import type { Registry } from '@milepost/runtime';
import { Counter, Gauge, Histogram, Registry as PrivateRegistry } from 'prom-client';

export interface WriterMetrics {
  records: Counter<'outcome'>;
  batches: Counter;
  resends: Counter<'reason'>;
  produceSeconds: Histogram;
}

export interface BufferFill {
  bytes: number;
  records: number;
  maxBytes: number;
}

/** Without a registry they are counted for nobody. */
export function createWriterMetrics(registry: Registry = new PrivateRegistry(), fill: () => BufferFill): WriterMetrics {
  const registers = [registry];
  const gauge = (name: string, help: string, read: (fill: BufferFill) => number) =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read(fill()));
      },
    });
  gauge('milepost_kafka_writer_buffer_bytes', 'Bytes queued for Kafka and on their way', ({ bytes }) => bytes);
  gauge('milepost_kafka_writer_buffer_records', 'Records queued for Kafka and on their way', ({ records }) => records);
  gauge('milepost_kafka_writer_buffer_limit_bytes', 'Bytes beyond which nothing more is queued', ({ maxBytes }) => maxBytes);
  return {
    records: new Counter({
      name: 'milepost_kafka_writer_records_total',
      help: 'Records by what became of them: stored, refused, withheld, replaced by a newer one',
      labelNames: ['outcome'],
      registers,
    }),
    batches: new Counter({ name: 'milepost_kafka_writer_batches_total', help: 'Partition batches that were answered', registers }),
    resends: new Counter({
      name: 'milepost_kafka_writer_resends_total',
      help: 'Times that something had to be sent again, by reason',
      labelNames: ['reason'],
      registers,
    }),
    produceSeconds: new Histogram({
      name: 'milepost_kafka_writer_produce_seconds',
      help: 'Time from a produce request to its answer',
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      registers,
    }),
  };
}
