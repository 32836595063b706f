import type { SessionRecord } from '@milepost/contracts';
import type { Order } from '../log/stamp.js';
import { toWallClock } from '../records/kept-properties.js';
import type { SessionOwner } from '../sessions/session-keeper.js';
import type { StateWriter } from '../state/state-writer.js';
import type { KeptWill } from './kept-will.js';
import { PlaceOnRecord } from './place-on-record.js';
import type { WillPlace } from './will-record.js';
import { isWaiting, NO_WILL, type WaitingState, type WillState } from './will-state.js';

export interface ClientWillsOptions {
  writer: StateWriter;
  /** Shared by all clients: whose will waits. */
  waiting: Set<ClientWills>;
}

/** The wills of one client: its latest, and those of before that are on record yet, or are being published (MQTT 5.0 §3.1.2.5). */
export class ClientWills {
  private state: WillState = NO_WILL;
  private readonly onRecord: Record<WillPlace['kind'], PlaceOnRecord>;
  /** Resolves when those that are being published are. */
  private leaving: Promise<unknown> | undefined;
  /** Goes on record then. One at the most: a CONNECT before it that waited as well has been turned away. */
  private entering: (() => void) | undefined;

  /** `emptied`: called when nothing is left on record. */
  constructor(
    private readonly options: ClientWillsOptions,
    emptied: () => void,
  ) {
    const { writer } = options;
    this.onRecord = { will: new PlaceOnRecord('will', writer, emptied), nextWill: new PlaceOnRecord('nextWill', writer, emptied) };
  }

  /** Nothing of them is left, here and on record. */
  get isEmpty(): boolean {
    const { will, nextWill } = this.onRecord;
    return this.state.kind === 'none' && will.isEmpty && nextWill.isEmpty && this.leaving === undefined;
  }

  /** As it was read at the start. */
  restore(will: KeptWill, kind: WillPlace['kind']): void {
    this.onRecord[kind].restore(will);
  }

  /** What was read at the start beside its will counts for nothing. @returns whether it is gone. */
  removeNext(owner: SessionOwner): Promise<boolean> {
    return this.onRecord.nextWill.remove({ owner });
  }

  /** As it was read at the start, and nobody has published it. `delayed`: its delay ran before. */
  wait(kind: WaitingState['kind'], will: KeptWill, dueAtMs: number, publish: () => void): void {
    this.become({ kind, will, dueAtMs, publish });
  }

  /** `returned` or `turnedAway` follows. */
  claim(sessionGoesOn: boolean): void {
    const { state } = this;
    if (!isWaiting(state)) return;
    const isOver = state.kind === 'delayed' && !sessionGoesOn;
    this.become({ kind: 'claimed', before: state, isOver, will: undefined, hasPlace: false });
  }

  /** The will of a CONNECT. One of before that is claimed keeps its place until `establish`; one that is being published until it is. */
  announce(will: KeptWill): void {
    const { state } = this;
    const isBeside = state.kind === 'claimed';
    this.become(isBeside ? { ...state, will } : { kind: 'announced', will });
    const place: WillPlace = isBeside
      ? { kind: 'nextWill', established: false, ...(state.isOver && { establishedBy: bornOf(will.session) }) }
      : { kind: 'will' };
    // It may have been turned away meanwhile.
    const write = (): Promise<boolean> => (this.latest === will ? this.write(will, place) : NOT_DONE);
    const writeInTurn = (): Promise<boolean> => {
      const moved = isBeside ? this.vacated(state.before.will) : undefined;
      return moved === undefined ? write() : moved.then((isFree) => (isFree ? write() : NOT_DONE));
    };
    will.durable = this.leaving === undefined ? writeInTurn() : this.whenLeft(writeInTurn);
  }

  /** @returns whether the last record before CONNACK is there; undefined: none is needed. */
  establish(): Promise<boolean> | undefined {
    const { state } = this;
    if (state.kind !== 'claimed') return undefined;
    const { before, isOver, will } = state;
    if (isOver) return will && this.write(will, { kind: 'nextWill', established: true });
    this.become({ ...state, hasPlace: true });
    return will === undefined ? this.forget(before.will) : this.write(will, { kind: 'will' });
  }

  returned(): void {
    const { state } = this;
    if (state.kind !== 'claimed') return;
    const { before, isOver, will, hasPlace } = state;
    this.become(will === undefined ? NO_WILL : { kind: 'announced', will });
    if (isOver) before.publish();
    else if (hasPlace && will !== undefined) void this.onRecord.nextWill.remove(will);
    else void this.forget(before.will);
  }

  turnedAway(announced: KeptWill | undefined, isSessionThere: boolean): void {
    const { state } = this;
    if (state.kind !== 'claimed') {
      if (announced !== undefined) void this.forget(announced);
      return;
    }
    const { before, hasPlace } = state;
    const isDue = before.kind === 'delayed' && !isSessionThere;
    this.become(isDue ? NO_WILL : before);
    if (hasPlace) void this.write(before.will, { kind: 'will' });
    if (announced !== undefined && this.onRecord.nextWill.will === announced) void this.onRecord.nextWill.remove(announced);
    if (isDue) before.publish();
  }

  delay(will: KeptWill, dueAtMs: number, publish: () => void): void {
    if (this.latest !== will) return;
    this.become({ kind: 'delayed', will, dueAtMs, publish });
    will.dueAt = toWallClock(dueAtMs);
    void this.write(will, this.isBeside(will) ? { kind: 'nextWill', established: true } : { kind: 'will' });
  }

  publishIfDue(nowMs: number): void {
    const { state } = this;
    if (!isWaiting(state) || state.dueAtMs > nowMs) return;
    this.become(NO_WILL);
    state.publish();
  }

  /** It keeps its place on record until `forget`. @returns what resolves when nothing is being published any more. */
  publishing(will: KeptWill): Promise<unknown> {
    if (this.latest === will) this.become(NO_WILL);
    const left = new Promise<void>((resolve) => {
      will.left = resolve;
    });
    const all = Promise.all([this.leaving, left]);
    this.leaving = all;
    return all.then(() => {
      if (this.leaving !== all) return;
      this.leaving = undefined;
      this.entering?.();
      this.entering = undefined;
    });
  }

  forget(will: KeptWill): Promise<boolean> {
    leave(will);
    if (this.latest === will) this.become(NO_WILL);
    const { will: place, nextWill: nextPlace } = this.onRecord;
    const { will: next } = nextPlace;
    // It may be in both: the place that it had before may not be rid of it yet.
    if (next === will) void nextPlace.remove(will);
    if (place.will === will) void (next === will || next === undefined ? place.remove(will) : this.moveUp(next));
    return both(place.settled, nextPlace.settled);
  }

  /** The place of the one before is free. Its own is kept until it stands there: it would be on no record else. */
  private moveUp(next: KeptWill): Promise<boolean> {
    const { will: place, nextWill: nextPlace } = this.onRecord;
    const moved = place.write(next, { kind: 'will' });
    void moved.then((isThere) => {
      if (isThere && nextPlace.will === next) void nextPlace.remove(next);
    });
    return moved;
  }

  /** The place beside is about to be another's. @returns whether this will can be spared there; undefined: it is not there. */
  private vacated(will: KeptWill): Promise<boolean> | undefined {
    const { will: place, nextWill: nextPlace } = this.onRecord;
    if (nextPlace.will !== will) return undefined;
    return place.will === will ? place.settled : this.moveUp(will);
  }

  /** Is that its only place? */
  private isBeside(will: KeptWill): boolean {
    const { will: place, nextWill: nextPlace } = this.onRecord;
    return nextPlace.will === will && place.will !== will;
  }

  private get latest(): KeptWill | undefined {
    return this.state.kind === 'none' ? undefined : this.state.will;
  }

  private become(state: WillState): void {
    this.state = state;
    const { waiting } = this.options;
    if (isWaiting(state)) waiting.add(this);
    else waiting.delete(this);
  }

  private whenLeft(write: () => Promise<boolean>): Promise<boolean> {
    return new Promise((resolve) => {
      this.entering = () => resolve(write());
    });
  }

  private write(will: KeptWill, place: WillPlace): Promise<boolean> {
    return this.onRecord[place.kind].write(will, place);
  }
}

function leave(will: KeptWill): void {
  will.left?.();
  will.left = undefined;
}

function bornOf(session: Order | undefined): SessionRecord['born'] | null {
  return session === undefined ? null : { epoch: session.epoch, counter: session.counter };
}

async function both(one: Promise<boolean>, other: Promise<boolean>): Promise<boolean> {
  return (await one) && (await other);
}

const NOT_DONE = Promise.resolve(false);
