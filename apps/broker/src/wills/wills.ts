import type { NextWillRecord, WillRecord } from '@milepost/contracts';
import { encodedBytes } from '@milepost/kafka';
import type { Will } from '@milepost/mqtt';
import { type Order, recordId } from '../log/stamp.js';
import { toMonotonic } from '../records/kept-properties.js';
import { maxRecordBytes, surelyFits } from '../records/record-room.js';
import type { SessionOwner } from '../sessions/session-keeper.js';
import type { StateWriter } from '../state/state-writer.js';
import { ClientWills, type ClientWillsOptions } from './client-wills.js';
import { KeptWill } from './kept-will.js';
import { idOf, willOf, willRecord } from './will-record.js';

/** A will whose connection ended with a shutdown or crash of ours waits at least this long for its client (decision 0003). */
const DEFERRED_MS = 150_000;

/** What the record of the message that it becomes says more than its own, some receivers included. */
const PUBLICATION_BYTES = 32 * 1024;

/**
 * The wills of this node's clients: on record from CONNECT on, published after their delay, dropped when the client comes back in time
 * (MQTT 5.0 §3.1.2.5).
 */
export class Wills {
  private readonly clients = new Map<string, ClientWills>();
  private readonly shared: ClientWillsOptions;

  constructor(private readonly writer: StateWriter) {
    this.shared = { writer, waiting: new Set() };
  }

  /** Waiting for their delay. */
  get pendingCount(): number {
    return this.shared.waiting.size;
  }

  /** Does it fit into one record, and what is made of it when it is published, into others? What does not is never to be announced. */
  fits(owner: SessionOwner, will: Will): boolean {
    if (surelyFits(will)) return true;
    const bytes = encodedBytes(
      willRecord({ owner, will, id: '', session: undefined }, this.writer.stamp(), { kind: 'nextWill', established: false }),
    );
    // Where it is retained its topic is the key as well.
    return bytes + Buffer.byteLength(will.topic) + PUBLICATION_BYTES <= maxRecordBytes;
  }

  /** Puts the will of a CONNECT on record; CONNACK waits for it. `session`: `born` of the CONNECT's session; undefined: it is not kept. */
  announce(owner: SessionOwner, will: Will, session: Order | undefined): KeptWill {
    const kept = new KeptWill(owner, will, recordId(this.writer.stamp()), session);
    this.of(owner).announce(kept);
    return kept;
  }

  /**
   * A CONNECT of the client is being decided: `returned` or `turnedAway` follows. Its will of before waits for that, however long it
   * takes. `sessionGoesOn`: a delayed will whose session ends with the new connection is published then (MQTT-3.1.3-9).
   */
  returning({ key }: SessionOwner, sessionGoesOn: boolean): void {
    this.clients.get(key)?.claim(sessionGoesOn);
  }

  /**
   * The last step before CONNACK, where the CONNECT has a will and one of before waits: whoever starts after that finds the new one,
   * and the one of before only if it is to be published. @returns whether that is on record; undefined: there is nothing to do.
   */
  establish({ key }: SessionOwner): Promise<boolean> | undefined {
    return this.clients.get(key)?.establish();
  }

  /** The client is back: its will of before is dropped, or published if its session is over. */
  returned({ key }: SessionOwner): void {
    this.clients.get(key)?.returned();
    this.letGo(key);
  }

  /**
   * The client is not back: its will of before waits as if nothing had been, and that of the CONNECT was never one. `isSessionThere`: as
   * before; a delayed will does not outlive its session (MQTT-3.1.3-9).
   */
  turnedAway({ key }: SessionOwner, announced: KeptWill | undefined, isSessionThere: boolean): void {
    this.clients.get(key)?.turnedAway(announced, isSessionThere);
    this.letGo(key);
  }

  /** To be published after the delay, unless the client returns. */
  delay(kept: KeptWill, delaySeconds: number, publish: () => void): void {
    this.clients.get(kept.owner.key)?.delay(kept, performance.now() + delaySeconds * 1000, publish);
  }

  /** It is being published, and keeps its place on record until then: `forget` follows. */
  publishing(kept: KeptWill): void {
    const { owner } = kept;
    void this.of(owner)
      .publishing(kept)
      .then(() => this.letGo(owner.key));
  }

  /** As it was read at the start, when the listener opens: its client has a while to come back. `sessionEndsAtMs`: if that stays away (`performance.now`). */
  defer(
    owner: SessionOwner,
    record: WillRecord | NextWillRecord,
    sessionEndsAtMs: number | undefined,
    publish: (kept: KeptWill) => void,
  ): void {
    const kept = this.restore(owner, record);
    const nowMs = performance.now();
    const wait = (kind: 'delayed' | 'deferred', dueAtMs: number) => this.of(owner).wait(kind, kept, dueAtMs, () => publish(kept));
    // The delay or the session's end, whichever is earlier (MQTT-3.1.2-8).
    if (record.dueAt === undefined) {
      const delayMs = Math.min(record.delaySeconds * 1000, (sessionEndsAtMs ?? nowMs) - nowMs);
      wait('deferred', nowMs + Math.max(DEFERRED_MS, delayMs));
    } else {
      const latestMs = (kept.session && sessionEndsAtMs) ?? Number.POSITIVE_INFINITY;
      // The clock that it was written by may have been ahead: more than its whole delay is never left.
      const dueAtMs = Math.min(toMonotonic(record.dueAt), nowMs + record.delaySeconds * 1000);
      wait('delayed', Math.min(latestMs, Math.max(nowMs + DEFERRED_MS, dueAtMs)));
    }
  }

  /** As it was read at the start. */
  restore(owner: SessionOwner, record: WillRecord | NextWillRecord): KeptWill {
    const kept = new KeptWill(owner, willOf(record), idOf(record), record.session, record.dueAt);
    this.of(owner).restore(kept, record.kind);
    return kept;
  }

  /** What was read at the start beside the client's will counts for nothing. @returns whether it is gone. */
  removeNext(owner: SessionOwner): Promise<boolean> {
    return this.of(owner).removeNext(owner);
  }

  /** Published, or not to be published. Called once. @returns whether nothing of it is in the log any more: a later one has its place, or none. */
  forget(kept: KeptWill): Promise<boolean> {
    const { key } = kept.owner;
    const isGone = this.clients.get(key)?.forget(kept) ?? Promise.resolve(true);
    this.letGo(key);
    return isGone;
  }

  /** Publishes what is due. To be called about twice a second. */
  sweep(): void {
    const nowMs = performance.now();
    for (const client of this.shared.waiting) client.publishIfDue(nowMs);
  }

  private of({ key }: SessionOwner): ClientWills {
    const known = this.clients.get(key);
    if (known !== undefined) return known;
    const client = new ClientWills(this.shared, () => this.letGo(key));
    this.clients.set(key, client);
    return client;
  }

  private letGo(key: string): void {
    if (this.clients.get(key)?.isEmpty === true) this.clients.delete(key);
  }
}
