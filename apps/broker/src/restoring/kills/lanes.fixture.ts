import {
  type AppendOptions,
  type AppendOutcome,
  type OutcomeReceiver,
  partitionOf,
  type RecordsToAppend,
  type RecordToAppend,
  type RunReceiver,
} from '@milepost/kafka';
import { MemoryLog, type StoredRecord } from '../../log/memory-log.js';
import type { Dice } from './dice.fixture.js';

interface Waiting {
  readonly record: RecordToAppend & { partition: number };
  readonly receiver: OutcomeReceiver;
}

export const PARTITIONS = 3;

/** A log whose partitions store what is sent to them in order, each when the dice say so; of what is on its way at a kill any part is stored. */
export class Lanes extends MemoryLog {
  private readonly lanes = new Map<string, Waiting[]>();
  private isDead = false;
  /** How many of a hundred records find no room, with all that come before something is stored. */
  withheldPercent = 0;
  private isFull = false;
  /** How many had to be sent again, and come once more some time, behind what was stored since. */
  latePercent = 0;
  private readonly late: RecordToAppend[] = [];

  constructor(
    private readonly dice: Dice,
    stored: readonly StoredRecord[] = [],
  ) {
    super({ partitions: PARTITIONS });
    for (const record of stored) this.stored(record);
  }

  get isIdle(): boolean {
    return [...this.lanes.values()].every((lane) => lane.length === 0);
  }

  override append(record: RecordToAppend, _options?: AppendOptions): Promise<AppendOutcome> {
    return new Promise((resolve) => this.put(record, { settled: resolve }));
  }

  override put(record: RecordToAppend, receiver: OutcomeReceiver): void {
    if (this.isDead) return;
    this.isFull = this.withheldPercent > 0 && (this.isFull || this.dice.is(this.withheldPercent / 100));
    if (this.isFull) {
      queueMicrotask(() => receiver.settled({ kind: 'withheld', code: 'buffer_full', message: 'The dice have no room' }));
      return;
    }
    const partition = record.partition ?? partitionOf(record.key ?? '', PARTITIONS);
    const name = `${record.topic}/${partition}`;
    const lane = this.lanes.get(name) ?? [];
    this.lanes.set(name, lane);
    lane.push({ record: { ...record, partition }, receiver });
  }

  override putAll({ values, ...common }: RecordsToAppend, receiver: RunReceiver): void {
    for (const [index, value] of values.entries())
      this.put({ ...common, value }, { settled: (outcome) => receiver.settled(outcome, index, 1) });
  }

  /** One partition stores some of what waits for it. */
  storeSome(): void {
    this.isFull = false;
    const [first, ...others] = [...this.lanes.values()].filter((lane) => lane.length > 0);
    if (first === undefined) return;
    const lane = this.dice.one([first, ...others]);
    for (const { record, receiver } of lane.splice(0, 1 + this.dice.below(lane.length))) receiver.settled(this.storedAtLast(record));
    if (this.dice.is(0.2)) this.storeLate();
  }

  /** The process is gone: nobody hears any more what is stored. @returns the log that is left. */
  kill(): Lanes {
    this.isDead = true;
    for (const lane of this.lanes.values()) for (const { record } of lane.splice(0, this.dice.below(lane.length + 1))) this.stored(record);
    while (this.late.length > 0 && this.dice.is(0.5)) this.storeLate();
    return new Lanes(this.dice, this.records);
  }

  private storedAtLast(record: RecordToAppend): AppendOutcome {
    const outcome = this.stored(record);
    if (outcome.kind !== 'stored' || !this.dice.is(this.latePercent / 100)) return outcome;
    this.late.push(record);
    return { ...outcome, resent: true };
  }

  private storeLate(): void {
    for (const record of this.late.splice(this.dice.below(this.late.length), 1)) this.stored(record);
  }
}
