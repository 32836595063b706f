import { topics, type WillRecord } from '@milepost/contracts';
import { encodedBytes } from '@milepost/kafka';
import type { Will } from '@milepost/mqtt';
import { keptProperties, propertiesOf } from '../sessions/kept-properties.js';
import { maxRecordBytes, surelyFits } from '../sessions/record-room.js';
import type { SessionOwner } from '../sessions/session-keeper.js';
import { recordId, type Stamp, type StateWriter } from '../sessions/state-writer.js';

/** A will on record. A later one of its client takes its place there. */
export interface KeptWill {
  readonly owner: SessionOwner;
  readonly will: Will;
  /** Of this will alone, however often it is written. */
  readonly id: string;
  readonly durable: Promise<boolean>;
}

interface HeldWill {
  readonly kept: KeptWill;
  readonly pending: PendingWill;
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
    const bytes = encodedBytes(recordOf({ owner, will, id: '' }, this.writer.stamp(), undefined));
    // Where it is retained its topic is the key as well.
    return bytes + Buffer.byteLength(will.topic) + PUBLICATION_BYTES <= maxRecordBytes;
  }

  /** Puts the will of a CONNECT on record; CONNACK waits for it. */
  announce(owner: SessionOwner, will: Will): KeptWill {
    const stamp = this.writer.stamp();
    const id = recordId(stamp);
    const kept = { owner, will, id, durable: this.write({ owner, will, id }, stamp, undefined) };
    this.kept.set(owner.key, kept);
    return kept;
  }

  /**
   * A CONNECT of the client is being decided: `returned` or `turnedAway` follows. A delayed will whose session has ended is published
   * at once (MQTT-3.1.3-9); any other waits for what becomes of the CONNECT, however long that takes.
   */
  returning({ key }: SessionOwner, sessionPresent: boolean): void {
    const pending = this.pending.get(key);
    const kept = this.kept.get(key);
    this.pending.delete(key);
    if (pending === undefined || kept === undefined) return;
    if (pending.deferred || sessionPresent) this.held.set(key, { kept, pending });
    else pending.publish();
  }

  /** The client is back: its will of before is dropped. */
  returned({ key }: SessionOwner): void {
    const held = this.held.get(key);
    if (held === undefined) return;
    this.held.delete(key);
    void this.forget(held.kept);
  }

  /** The client is not back: its will of before waits as if nothing had been, and that of the CONNECT was never one. */
  turnedAway({ key }: SessionOwner, announced: KeptWill | undefined): void {
    const held = this.held.get(key);
    this.held.delete(key);
    if (held === undefined) {
      if (announced !== undefined) void this.forget(announced);
      return;
    }
    this.pending.set(key, held.pending);
    if (this.kept.get(key) === held.kept) return;
    this.kept.set(key, held.kept);
    void this.write(held.kept, this.writer.stamp(), new Date(held.pending.dueAtMs).toISOString());
  }

  /** To be published after the delay, unless the client returns. */
  delay(kept: KeptWill, delaySeconds: number, publish: () => void): void {
    if (this.kept.get(kept.owner.key) !== kept) return;
    const dueAtMs = this.now() + delaySeconds * 1000;
    this.pending.set(kept.owner.key, { dueAtMs, deferred: false, publish });
    void this.write(kept, this.writer.stamp(), new Date(dueAtMs).toISOString());
  }

  /** As it was read at the start, when the listener opens: its client has a while to come back. */
  defer(owner: SessionOwner, record: WillRecord, publish: (kept: KeptWill) => void): void {
    const kept = this.restore(owner, record);
    const remainingMs = record.dueAt === undefined ? record.delaySeconds * 1000 : Date.parse(record.dueAt) - this.now();
    const dueAtMs = this.now() + Math.max(DEFERRED_MS, remainingMs);
    this.pending.set(owner.key, { dueAtMs, deferred: true, publish: () => publish(kept) });
  }

  /** As it was read at the start. */
  restore(owner: SessionOwner, record: WillRecord): KeptWill {
    const kept = { owner, will: willOf(record), id: idOf(record), durable: DONE };
    this.kept.set(owner.key, kept);
    return kept;
  }

  /** Published, or not to be published. Called once. @returns whether nothing of it is in the log any more: a later one has its place, or none. */
  async forget(kept: KeptWill): Promise<boolean> {
    const { key } = kept.owner;
    const current = this.kept.get(key);
    if (current !== kept) return current?.durable ?? DONE;
    this.kept.delete(key);
    this.pending.delete(key);
    const { kind } = await this.writer.remove(topics.mqttSessions, `will:${key}`, key);
    return kind === 'stored';
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

  private async write(will: AnnouncedWill, stamp: Stamp, dueAt: string | undefined): Promise<boolean> {
    const { key, value } = recordOf(will, stamp, dueAt);
    const { kind } = await this.writer.put(topics.mqttSessions, key, will.owner.key, value);
    return kind === 'stored';
  }
}

type AnnouncedWill = Pick<KeptWill, 'owner' | 'will' | 'id'>;

function recordOf({ owner, will, id }: AnnouncedWill, stamp: Stamp, dueAt: string | undefined): { key: string; value: Buffer } {
  const { key, organisation, clientId } = owner;
  const { topic, payload, qos, retain, properties } = will;
  const record: WillRecord = {
    kind: 'will',
    ...stamp,
    organisation,
    clientId,
    will: {
      topic,
      qos,
      retain,
      properties: keptProperties(properties),
      payloadBase64: payload.toString('base64'),
      ...(properties.messageExpiryInterval !== undefined && { messageExpirySeconds: properties.messageExpiryInterval }),
    },
    delaySeconds: properties.willDelayInterval ?? 0,
    id,
    ...(dueAt !== undefined && { dueAt }),
  };
  return { key: `will:${key}`, value: Buffer.from(JSON.stringify(record)) };
}

/** As the message names it that is its publication. */
export function idOf(record: WillRecord): string {
  return record.id ?? recordId(record);
}

function willOf({ will: { topic, payloadBase64, qos, retain, properties, messageExpirySeconds }, delaySeconds }: WillRecord): Will {
  return {
    topic,
    payload: Buffer.from(payloadBase64, 'base64'),
    qos,
    retain,
    properties: {
      ...propertiesOf(properties),
      willDelayInterval: delaySeconds,
      ...(messageExpirySeconds !== undefined && { messageExpiryInterval: messageExpirySeconds }),
    },
  };
}

const DONE = Promise.resolve(true);
