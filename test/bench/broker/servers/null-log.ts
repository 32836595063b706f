import type { AppendOutcome, OutcomeReceiver, RecordToAppend } from '@milepost/kafka';

/** A log that stores nothing: what was appended in one turn of the event loop is `stored` in the next, all at once as a batch would be. */
export class NullLog {
  private waiting: OutcomeReceiver[] = [];
  private offset = 0n;

  get lastAnswerAtMs(): number {
    return Date.now();
  }

  append(record: RecordToAppend): Promise<AppendOutcome> {
    return new Promise((resolve) => this.put(record, { settled: resolve }));
  }

  put(_record: RecordToAppend, receiver: OutcomeReceiver): void {
    if (this.waiting.push(receiver) === 1) setImmediate(this.answer);
  }

  private readonly answer = (): void => {
    const due = this.waiting;
    this.waiting = [];
    const timestampMs = Date.now();
    for (const receiver of due) receiver.settled({ kind: 'stored', partition: 0, offset: this.offset++, timestampMs });
  };
}
