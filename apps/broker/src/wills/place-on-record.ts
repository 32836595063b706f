import { topics } from '@milepost/contracts';
import type { AppendOutcome } from '@milepost/kafka';
import { untilAnswered } from '../log/until-answered.js';
import type { StateWriter } from '../state/state-writer.js';
import type { KeptWill } from './kept-will.js';
import { type WillPlace, willKey, willRecord } from './will-record.js';

/** One of a client's places for a will on record. What the log has no room for is tried again until something else is to be there. */
export class PlaceOnRecord {
  private current: KeptWill | undefined;
  private changes = 0;
  private unanswered = 0;
  private latest: Promise<boolean> | undefined;

  constructor(
    private readonly kind: WillPlace['kind'],
    private readonly writer: StateWriter,
    /** Called when nothing is there, nor about to be. */
    private readonly emptied: () => void,
  ) {}

  /** Who is there, or about to be. */
  get will(): KeptWill | undefined {
    return this.current;
  }

  get isEmpty(): boolean {
    return this.current === undefined && this.unanswered === 0;
  }

  /** Whether the latest change is on record. */
  get settled(): Promise<boolean> {
    return this.latest ?? DONE;
  }

  /** As it was read at the start. */
  restore(will: KeptWill): void {
    this.current = will;
  }

  /** @returns whether it is there, or what was to be there instead by then. */
  write(will: KeptWill, place: WillPlace): Promise<boolean> {
    return this.change(will, () => {
      const { key, value } = willRecord(will, this.writer.stamp(), place);
      return this.writer.put(topics.mqttSessions, key, will.owner.key, value);
    });
  }

  /** @returns whether nothing is there, or what was to be there instead by then is. */
  remove({ owner }: Pick<KeptWill, 'owner'>): Promise<boolean> {
    return this.change(undefined, () => this.writer.remove(topics.mqttSessions, willKey(this.kind, owner), owner.key));
  }

  private change(to: KeptWill | undefined, append: () => Promise<AppendOutcome>): Promise<boolean> {
    this.current = to;
    const number = ++this.changes;
    const change = this.untilThere(() => (this.changes === number ? append() : undefined));
    this.latest = change;
    return change;
  }

  private async untilThere(append: () => Promise<AppendOutcome> | undefined): Promise<boolean> {
    this.unanswered += 1;
    const outcome = await untilAnswered(append);
    this.unanswered -= 1;
    if (this.isEmpty) this.emptied();
    return outcome === undefined ? (this.latest ?? false) : outcome.kind === 'stored';
  }
}

const DONE = Promise.resolve(true);
