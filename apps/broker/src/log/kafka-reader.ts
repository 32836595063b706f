import { type AskedKafka, type LogRecord, type LogTail, type LogTailOptions, logRange } from '@milepost/kafka';
import { backoffMs, type Logger, sleep } from '@milepost/runtime';
import type { ReadableLog, StartingPoints } from './message-log.js';

const RETRY = { baseMs: 250, maxMs: 5_000 };

/** Reads topics of Kafka from their start to their end of now. */
export class KafkaReader implements ReadableLog {
  constructor(
    private readonly kafka: AskedKafka,
    private readonly logger: Logger,
    private readonly openTail: (options: LogTailOptions) => LogTail,
  ) {}

  async readAll(topics: readonly string[], onRecord: (record: LogRecord) => void, from?: StartingPoints): Promise<void> {
    const wanted = from === undefined ? topics : topics.filter((topic) => from.has(topic));
    await Promise.all(wanted.map((topic) => this.read(topic, onRecord, from?.get(topic))));
  }

  /** A failed attempt begins anew: the latest of each key is the same however often it is read. */
  private async read(topic: string, onRecord: (record: LogRecord) => void, from?: ReadonlyMap<number, bigint>): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      let tail: LogTail | undefined;
      try {
        const start = from === undefined ? 'start' : { offsets: await this.atTheEndBut(topic, from) };
        // Where it cannot go on, what is waited for here says so.
        tail = this.openTail({ topic, logger: this.logger, from: start, onRecord, onFatal: () => undefined });
        await tail.start();
        // What is missed here is missed for good.
        await tail.readToEnd({ lookAgain: true });
        return;
      } catch (err) {
        this.logger.warn(
          { event: 'broker.state.unavailable', topic, err },
          'The MQTT state cannot be read yet; the listener opens when it is',
        );
        await sleep(backoffMs(attempt, RETRY));
      } finally {
        void tail?.close().catch(() => undefined);
      }
    }
  }

  /** A tail has all partitions of its topic: of those that are not asked for it is to read nothing. */
  private async atTheEndBut(topic: string, from: ReadonlyMap<number, bigint>): Promise<Map<number, bigint>> {
    const ranges = await logRange(this.kafka, topic);
    return new Map(
      [...ranges].map(([partition, { end }]) => {
        const wanted = from.get(partition);
        // One that the log does not reach any more would be waited for until it does.
        return [partition, wanted !== undefined && wanted < end ? wanted : end];
      }),
    );
  }
}
