import type { AppendOutcome, RecordToAppend } from '@milepost/kafka';

/** A log that stores nothing: what was appended in one turn of the event loop is `stored` in the next, all at once as a batch would be. */
export class NullLog {
  private waiting: ((outcome: AppendOutcome) => void)[] = [];
  private offset = 0n;

  get lastAnswerAtMs(): number {
    return Date.now();
  }

  append(record: RecordToAppend): Promise<AppendOutcome> {
    return new Promise((resolve) => this.put(record, resolve));
  }

  put(_record: RecordToAppend, onOutcome: (outcome: AppendOutcome) => void): void {
    if (this.waiting.push(onOutcome) === 1) setImmediate(this.answer);
  }

  private readonly answer = (): void => {
    const due = this.waiting;
    this.waiting = [];
    const timestampMs = Date.now();
    for (const settle of due) settle({ kind: 'stored', partition: 0, offset: this.offset++, timestampMs });
  };
}
