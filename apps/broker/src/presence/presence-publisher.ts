import { randomUUID } from 'node:crypto';
import {
  type DisconnectCause,
  type Disconnected,
  isVehicleId,
  type PresenceRecord,
  presenceHeaders,
  type Refused,
  refusalRemedies,
  topics,
  type WillPublished,
} from '@milepost/contracts';
import type { AppendOutcome } from '@milepost/kafka';
import type { MessageLog } from '../log/message-log.js';
import type { Stamp } from '../log/stamp.js';
import type { AnnouncedConnection, ConnectionFacts } from './announced-connection.js';

/** A refused attempt, before it is a record. */
export type RefusedAttempt = Omit<Refused, 'kind' | 'node' | 'epoch' | 'counter' | 'remedy' | 'count' | 'at'>;

export interface NewEpoch {
  /** Every connection that is still open has its announcement in the log, or never will. */
  announced: Promise<unknown>;
  /** By partition. */
  leases: Promise<AppendOutcome>[];
}

/** What a vehicle left behind, and for how long. */
type Lasts = Pick<Disconnected, 'sessionExpirySeconds' | 'willDelaySeconds'>;

/** Distributes over the union, so that each kind keeps its own fields. */
type Unstamped<R> = R extends PresenceRecord ? Omit<R, keyof Stamp> : never;

export interface PresencePublisherOptions {
  log: MessageLog;
  node: string;
  epoch: number;
  partitions: number;
  /** This node keeps the MQTT state, and says so in its leases. */
  keepsState?: boolean;
  /** Told of a record that will never be in the log: too large, or no room for it. */
  onLost?: (record: PresenceRecord, code: string) => void;
  now?: () => number;
}

/** Writes `fleet.presence` in this node's name. The log keeps the order of the calls within a vehicle's partition. */
export class PresencePublisher {
  readonly node: string;
  private currentEpoch: number;
  private counter = 0;
  private readonly log: MessageLog;
  private readonly partitions: number;
  private readonly onLost: (record: PresenceRecord, code: string) => void;
  private readonly now: () => number;
  private keepsState: boolean;
  private readonly open = new Set<AnnouncedConnection>();

  constructor({ log, node, epoch, partitions, keepsState = false, onLost = () => undefined, now = Date.now }: PresencePublisherOptions) {
    this.log = log;
    this.node = node;
    this.currentEpoch = epoch;
    this.partitions = partitions;
    this.keepsState = keepsState;
    this.onLost = onLost;
    this.now = now;
  }

  get epoch(): number {
    return this.currentEpoch;
  }

  /** Hands `connected` over; CONNACK waits for the outcome. From now on `disconnected` is owed, exactly once. */
  connected(facts: ConnectionFacts): { announced: AnnouncedConnection; outcome: Promise<AppendOutcome> } {
    const announced: AnnouncedConnection = { facts, connectionId: randomUUID(), storedAt: undefined, rivalAt: undefined };
    this.open.add(announced);
    return { announced, outcome: this.announce(announced, false) };
  }

  /** Pays what `connected` owes; again for the same connection it does nothing. */
  disconnected(announced: AnnouncedConnection, cause: DisconnectCause, reasonCode?: number, lasts: Lasts = {}): void {
    if (!this.open.delete(announced)) return;
    void this.append(announced.facts.vehicleId, {
      kind: 'disconnected',
      ...holderOf(announced),
      cause,
      ...(reasonCode !== undefined && { reasonCode }),
      ...lasts,
    });
  }

  will(announced: AnnouncedConnection, will: Pick<WillPublished, 'topic' | 'payloadBase64'>): void {
    void this.append(announced.facts.vehicleId, { kind: 'will', ...holderOf(announced), ...will });
  }

  refused(attempt: RefusedAttempt, count: number): void {
    const { commonName, address, reason } = attempt;
    const key = commonName !== undefined && isVehicleId(commonName) ? commonName : address;
    const at = new Date(this.now()).toISOString();
    void this.append(key, { kind: 'refused', ...attempt, at, remedy: refusalRemedies[reason], count });
  }

  /** A sign of life behind everything handed over before; takes the place of one that still waits. */
  lease(partition: number): Promise<AppendOutcome> {
    return this.append(null, { kind: 'lease', role: 'broker', partition, ...(this.keepsState && { keepsState: true }) }, partition);
  }

  /** Says in a last lease that this node does not keep the MQTT state any more, so that the next one need not wait. */
  leaveState(): Promise<AppendOutcome> {
    this.keepsState = false;
    return this.lease(0);
  }

  /**
   * After a stall: what is still open is announced anew under a new epoch, and the first leases follow it, in each partition.
   * Those leases, and no earlier record, close what the older epochs left open.
   */
  beginEpoch(epoch: number): NewEpoch {
    this.currentEpoch = epoch;
    const announcements = [...this.open].map((announced) => {
      announced.connectionId = randomUUID();
      return this.announce(announced, true);
    });
    const leases = Array.from({ length: this.partitions }, (_, partition) => this.lease(partition));
    return { announced: Promise.all(announcements), leases };
  }

  private async announce(announced: AnnouncedConnection, resumed: boolean): Promise<AppendOutcome> {
    const { connectionId, facts } = announced;
    const outcome = await this.append(facts.vehicleId, { kind: 'connected', ...facts, connectionId, resumed });
    if (outcome.kind === 'stored') announced.storedAt ??= outcome.offset;
    return outcome;
  }

  private async append(key: string | null, unstamped: Unstamped<PresenceRecord>, partition?: number): Promise<AppendOutcome> {
    const { kind, ...fields } = unstamped;
    const stamp: Stamp = { node: this.node, epoch: this.currentEpoch, counter: ++this.counter };
    const record = { kind, ...stamp, ...fields } as PresenceRecord;
    const outcome = await this.log.append(
      {
        topic: topics.presence,
        key,
        value: Buffer.from(JSON.stringify(record)),
        headers: presenceHeaders(record, new Date(this.now())),
        ...(partition !== undefined && { partition }),
      },
      kind === 'lease' ? { replaces: 'lease' } : undefined,
    );
    if (outcome.kind !== 'stored' && outcome.code !== 'replaced' && outcome.code !== 'closed') this.onLost(record, outcome.code);
    return outcome;
  }
}

function holderOf({ facts: { vehicleId, organisation }, connectionId }: AnnouncedConnection) {
  return { vehicleId, organisation, connectionId };
}
