import type { Will } from '@milepost/mqtt';
import type { Order } from '../log/stamp.js';
import type { SessionOwner } from '../sessions/session-keeper.js';
import type { AnnouncedWill } from './will-record.js';

/** A will on record, or on its way there. */
export class KeptWill implements AnnouncedWill {
  /** Whether it is there; false: the log did not take it, or its CONNECT came to nothing before. */
  durable: Promise<boolean> = Promise.resolve(true);
  /** Called when it is published. Set while it is being published. */
  left: (() => void) | undefined;

  constructor(
    readonly owner: SessionOwner,
    readonly will: Will,
    readonly id: string,
    /** `born` of its session; undefined: that is not kept, or not known. */
    readonly session: Order | undefined,
    /** When its delay is over, once that runs, and from then on: one that is being published goes by its session as well. */
    public dueAt: string | undefined = undefined,
  ) {}
}
