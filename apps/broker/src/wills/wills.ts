import { type NextWillRecord, topics, type WillRecord } from '@milepost/contracts';
import { encodedBytes } from '@milepost/kafka';
import type { Will } from '@milepost/mqtt';
import { maxRecordBytes, surelyFits } from '../sessions/record-room.js';
import type { SessionOwner } from '../sessions/session-keeper.js';
import { recordId, type StateWriter } from '../sessions/state-writer.js';
import { type AnnouncedWill, idOf, type WillPlace, willKey, willOf, willRecord } from './will-record.js';

/** A will on record. A later one of its client takes its place there. */
export interface KeptWill extends AnnouncedWill {
  readonly durable: Promise<boolean>;
}

/** While it is being put on record. */
interface Announced extends KeptWill {
  durable: Promise<boolean>;
}

interface HeldWill {
  readonly kept: KeptWill;
  readonly pending: PendingWill;
  /** Its session ends with the new connection: it is published then (MQTT-3.1.3-9). Else it is dropped. */
  readonly isOver: boolean;
  /** The other will has its place on record. */
  undone: boolean;
}

interface PendingWill {
  readonly dueAtMs: number;
  /** Its connection ended with us: whoever comes back drops it. */
  readonly deferred: boolean;
  publish(): void;
}

/** A will whose connection ended with a shutdown or crash of ours waits at least this long for its client (decision 0003). */
const DEFERRED_MS = 150_000;

/** What the record of the message that it becomes says more than its own, some receivers included. */
const PUBLICATION_BYTES = 32 * 1024;

/**
 * The wills of this node's clients: on record from CONNECT on, published after their delay, dropped when the client comes back in time
 * (MQTT 5.0 §3.1.2.5). A client has one will at most.
 */
export class Wills {
  private readonly pending = new Map<string, PendingWill>();
  private readonly kept = new Map<string, KeptWill>();
  /** By client: its will of before, while it is not known whether the client is back. Neither published nor dropped. */
  private readonly held = new Map<string, HeldWill>();
  /** By client: whose record is in its place for wills. */
  private readonly inPlace = new Map<string, KeptWill>();
  /** By client: its will that is on record beside the one of before, as long as that is needed. */
  private readonly next = new Map<string, KeptWill>();
  /** By client: resolves when its wills that are being published are. */
  private readonly leaving = new Map<string, Promise<unknown>>();
  private readonly whenLeft = new Map<KeptWill, () => void>();

  constructor(
    private readonly writer: StateWriter,
    private readonly now: () => number = Date.now,
  ) {}

  /** Waiting for their delay. */
  get pendingCount(): number {
    return this.pending.size;
  }

  /** Does it fit into one record, and what is made of it when it is published, into others? What does not is never to be announced. */
  fits(owner: SessionOwner, will: Will): boolean {
    if (surelyFits(will)) return true;
    const bytes = encodedBytes(willRecord({ owner, will, id: '' }, this.writer.stamp(), { kind: 'nextWill', established: false }));
    // Where it is retained its topic is the key as well.
    return bytes + Buffer.byteLength(will.topic) + PUBLICATION_BYTES <= maxRecordBytes;
  }

  /**
   * Puts the will of a CONNECT on record; CONNACK waits for it. One of before that is held keeps its place until `establish`; one that is
   * being published until it is.
   */
  announce(owner: SessionOwner, will: Will): KeptWill {
    const { key } = owner;
    const id = recordId(this.writer.stamp());
    const isBeside = this.held.has(key);
    const kept: Announced = { owner, will, id, durable: NOT_DONE };
    this.kept.set(key, kept);
    const write = (): Promise<boolean> => {
      // It may have been turned away meanwhile.
      if (this.kept.get(key) !== kept) return NOT_DONE;
      if (!isBeside) return this.write(kept, { kind: 'will', dueAt: undefined });
      this.next.set(key, kept);
      return this.write(kept, { kind: 'nextWill', established: false });
    };
    const leaving = this.leaving.get(key);
    kept.durable = leaving === undefined ? write() : leaving.then(write);
    return kept;
  }

  /**
   * A CONNECT of the client is being decided: `returned` or `turnedAway` follows. Its will of before waits for that, however long it
   * takes. `sessionGoesOn`: a delayed will whose session ends with the new connection is published then (MQTT-3.1.3-9).
   */
  returning({ key }: SessionOwner, sessionGoesOn: boolean): void {
    const pending = this.pending.get(key);
    const kept = this.kept.get(key);
    this.pending.delete(key);
    if (pending === undefined || kept === undefined) return;
    this.held.set(key, { kept, pending, isOver: !pending.deferred && !sessionGoesOn, undone: false });
  }

  /**
   * The last step before CONNACK, where the CONNECT has a will and one of before is held: whoever starts after that finds the new one,
   * and the one of before only if it is to be published. @returns whether that is on record; undefined: there is nothing to do.
   */
  establish({ key }: SessionOwner): Promise<boolean> | undefined {
    const held = this.held.get(key);
    const next = this.next.get(key);
    if (held === undefined || next === undefined || held.kept === next) return undefined;
    if (held.isOver) return this.write(next, { kind: 'nextWill', established: true });
    held.undone = true;
    return this.write(next, { kind: 'will', dueAt: undefined });
  }

  /** The client is back: its will of before is dropped, or published if its session is over. */
  returned(owner: SessionOwner): void {
    const { key } = owner;
    const held = this.held.get(key);
    if (held === undefined) return;
    this.held.delete(key);
    if (held.isOver) {
      held.pending.publish();
      return;
    }
    if (held.undone) {
      this.next.delete(key);
      void this.remove('nextWill', owner);
    } else void this.forget(held.kept);
  }

  /** The client is not back: its will of before waits as if nothing had been, and that of the CONNECT was never one. */
  turnedAway(owner: SessionOwner, announced: KeptWill | undefined): void {
    const { key } = owner;
    const held = this.held.get(key);
    this.held.delete(key);
    if (held === undefined) {
      if (announced !== undefined) void this.forget(announced);
      return;
    }
    this.pending.set(key, held.pending);
    this.kept.set(key, held.kept);
    if (held.undone) void this.write(held.kept, { kind: 'will', dueAt: new Date(held.pending.dueAtMs).toISOString() });
    if (announced === undefined || this.next.get(key) !== announced) return;
    this.next.delete(key);
    void this.remove('nextWill', owner);
  }

  /** To be published after the delay, unless the client returns. */
  delay(kept: KeptWill, delaySeconds: number, publish: () => void): void {
    if (this.kept.get(kept.owner.key) !== kept) return;
    const dueAtMs = this.now() + delaySeconds * 1000;
    this.pending.set(kept.owner.key, { dueAtMs, deferred: false, publish });
    // As long as it is beside another it has no time of its own there: whoever starts next gives its client a while to come back.
    if (this.next.get(kept.owner.key) !== kept) void this.write(kept, { kind: 'will', dueAt: new Date(dueAtMs).toISOString() });
  }

  /** It is being published, and keeps its place on record until then: `forget` or `lost` follows. */
  publishing(kept: KeptWill): void {
    const { key } = kept.owner;
    const left = new Promise<void>((resolve) => this.whenLeft.set(kept, resolve));
    const all = Promise.all([this.leaving.get(key), left]);
    this.leaving.set(key, all);
    void all.then(() => {
      if (this.leaving.get(key) === all) this.leaving.delete(key);
    });
  }

  /** It could not be published. What is on record of it stands until another will has its place. */
  lost(kept: KeptWill): void {
    const next = this.next.get(kept.owner.key);
    if (next === undefined || next === kept) this.leave(kept);
    else void this.forget(kept);
  }

  /** As it was read at the start, when the listener opens: its client has a while to come back. */
  defer(owner: SessionOwner, record: WillRecord | NextWillRecord, publish: (kept: KeptWill) => void): void {
    const kept = this.restore(owner, record);
    const remainingMs =
      !('dueAt' in record) || record.dueAt === undefined ? record.delaySeconds * 1000 : Date.parse(record.dueAt) - this.now();
    const dueAtMs = this.now() + Math.max(DEFERRED_MS, remainingMs);
    this.pending.set(owner.key, { dueAtMs, deferred: true, publish: () => publish(kept) });
  }

  /** As it was read at the start. */
  restore(owner: SessionOwner, record: WillRecord | NextWillRecord): KeptWill {
    const kept = { owner, will: willOf(record), id: idOf(record), durable: DONE };
    this.kept.set(owner.key, kept);
    if (record.kind === 'will') this.inPlace.set(owner.key, kept);
    else this.next.set(owner.key, kept);
    return kept;
  }

  /** Published, or not to be published. Called once. @returns whether nothing of it is in the log any more: a later one has its place, or none. */
  forget(kept: KeptWill): Promise<boolean> {
    const { owner } = kept;
    const { key } = owner;
    this.leave(kept);
    if (this.kept.get(key) === kept) {
      this.kept.delete(key);
      this.pending.delete(key);
    }
    const next = this.next.get(key);
    const inPlace = this.inPlace.get(key);
    if (next === kept) {
      this.next.delete(key);
      return this.remove('nextWill', owner);
    }
    if (inPlace !== kept) return inPlace?.durable ?? DONE;
    if (next === undefined) return this.remove('will', owner);
    this.next.delete(key);
    const isGone = this.moveUp(next);
    void this.remove('nextWill', owner);
    return isGone;
  }

  /** Publishes what is due. To be called about twice a second. */
  sweep(): void {
    const nowMs = this.now();
    for (const [key, { dueAtMs, publish }] of this.pending) {
      if (dueAtMs > nowMs) continue;
      this.pending.delete(key);
      publish();
    }
  }

  /** The place of the one before is free. */
  private moveUp(next: KeptWill): Promise<boolean> {
    const { key } = next.owner;
    const pending = this.pending.get(key) ?? this.held.get(key)?.pending;
    const dueAt = pending === undefined || pending.deferred ? undefined : new Date(pending.dueAtMs).toISOString();
    return this.write(next, { kind: 'will', dueAt });
  }

  private leave(kept: KeptWill): void {
    this.whenLeft.get(kept)?.();
    this.whenLeft.delete(kept);
  }

  private async write(will: KeptWill, place: WillPlace): Promise<boolean> {
    if (place.kind === 'will') this.inPlace.set(will.owner.key, will);
    const { key, value } = willRecord(will, this.writer.stamp(), place);
    const { kind } = await this.writer.put(topics.mqttSessions, key, will.owner.key, value);
    return kind === 'stored';
  }

  private async remove(place: WillPlace['kind'], owner: SessionOwner): Promise<boolean> {
    if (place === 'will') this.inPlace.delete(owner.key);
    const { kind } = await this.writer.remove(topics.mqttSessions, willKey(place, owner), owner.key);
    return kind === 'stored';
  }
}

const NOT_DONE = Promise.resolve(false);
const DONE = Promise.resolve(true);
