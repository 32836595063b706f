import { createLogTail, type KafkaConnection, type LogRecord } from '@milepost/kafka';
import { backoffMs, type Logger, sleep } from '@milepost/runtime';
import type { ReadableLog } from './message-log.js';

const RETRY = { baseMs: 250, maxMs: 5_000 };

/** Reads topics of Kafka from their start to their end of now. */
export class KafkaReader implements ReadableLog {
  constructor(
    private readonly kafka: KafkaConnection,
    private readonly logger: Logger,
  ) {}

  async readAll(topics: readonly string[], onRecord: (record: LogRecord) => void): Promise<void> {
    await Promise.all(topics.map((topic) => this.read(topic, onRecord)));
  }

  /** A failed attempt begins anew: the latest of each key is the same however often it is read. */
  private async read(topic: string, onRecord: (record: LogRecord) => void): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      const broken = new AbortController();
      const tail = createLogTail(this.kafka, { topic, logger: this.logger, from: 'start', onRecord, onFatal: () => broken.abort() });
      try {
        await tail.start();
        await tail.readToEnd({ signal: broken.signal });
        return;
      } catch (err) {
        this.logger.warn(
          { event: 'broker.state.unavailable', topic, err },
          'The MQTT state cannot be read yet; the listener opens when it is',
        );
        await sleep(backoffMs(attempt, RETRY));
      } finally {
        void tail.close().catch(() => undefined);
      }
    }
  }
}
