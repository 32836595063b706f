import { isLater, type Order } from '../log/stamp.js';

/** What a record, or a removal, says of when it was written, and for which message (`of`). */
type Written = Order & { readonly of?: string };

interface Latest<State> {
  readonly order: Written;
  /** Undefined: removed. */
  readonly state: State | undefined;
  /** The log's last record of the key is an older one: a copy that was sent twice and arrived late. */
  overtaken: boolean;
}

/** A key whose last record in the log is not the one that counts; compaction would keep the wrong one. */
export interface OvertakenKey<State> {
  readonly key: string;
  /** What counts; undefined: nothing. */
  readonly state: State | undefined;
}

/**
 * What counts of each key while a topic is read: the record with the latest stamp, wherever it stands. A request that timed out may still
 * be appended behind its successor (FACTS), and a removal is a successor like any other.
 */
export class LatestRecords<State> {
  private readonly keys = new Map<string, Latest<State>>();
  private lastEpochSeen = 0;

  /** The highest of any record. */
  get lastEpoch(): number {
    return this.lastEpochSeen;
  }

  /** A record as it comes. `order` undefined: a removal that does not say when it was; it counts against all that came before it. */
  read(key: string, order: Written | undefined, state: State | undefined): void {
    const known = this.keys.get(key);
    if (order !== undefined) this.lastEpochSeen = Math.max(this.lastEpochSeen, order.epoch);
    if (known !== undefined && order !== undefined && !isLater(order, known.order)) {
      known.overtaken = isLater(known.order, order) || (known.state === undefined) !== (state === undefined);
      return;
    }
    this.keys.set(key, { order: order ?? known?.order ?? NEVER, state, overtaken: false });
  }

  /** Of what counts of a key, a removal included; undefined: there is none. */
  orderOf(key: string): Written | undefined {
    return this.keys.get(key)?.order;
  }

  *current(): Iterable<[key: string, state: State]> {
    for (const [key, { state }] of this.keys) if (state !== undefined) yield [key, state];
  }

  *overtaken(): Iterable<OvertakenKey<State>> {
    for (const [key, { state, overtaken }] of this.keys) if (overtaken) yield { key, state };
  }
}

const NEVER: Order = { epoch: 0, counter: 0 };
