import type { AppendOutcome, OutcomeReceiver, RecordsToAppend, RecordToAppend, RunReceiver } from '@milepost/kafka';

/** A log that stores nothing: what was appended in one turn of the event loop is `stored` in the next, all at once as a batch would be. */
export class NullLog {
  private waiting: Waiting[] = [];
  private offset = 0n;

  get lastAnswerAtMs(): number {
    return performance.now();
  }

  append(record: RecordToAppend): Promise<AppendOutcome> {
    return new Promise((resolve) => this.put(record, { settled: resolve }));
  }

  put(_record: RecordToAppend, receiver: OutcomeReceiver): void {
    this.wait(receiver, 1);
  }

  putAll({ values }: RecordsToAppend, receiver: RunReceiver): void {
    this.wait(receiver, values.length);
  }

  private wait(receiver: RunReceiver, count: number): void {
    if (this.waiting.push(new Waiting(receiver, count)) === 1) setImmediate(this.answer);
  }

  private readonly answer = (): void => {
    const due = this.waiting;
    this.waiting = [];
    const timestampMs = Date.now();
    for (const { receiver, count } of due) {
      receiver.settled({ kind: 'stored', partition: 0, offset: this.offset, timestampMs }, 0, count);
      this.offset += BigInt(count);
    }
  };
}

/** No literal: V8 would put it straight into old space, as the first ones outlive a collection, and with it whatever waits. */
class Waiting {
  constructor(
    readonly receiver: RunReceiver,
    readonly count: number,
  ) {}
}
