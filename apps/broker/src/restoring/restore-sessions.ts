import type { KeptMessage, SessionRecord } from '@milepost/contracts';
import {
  type InFlightMessage,
  messageBytes,
  type OutboundMessage,
  type RestoredSession,
  type SessionHooks,
  type SessionLimits,
} from '@milepost/mqtt';
import type { LocalDelivery } from '../delivery/subscribers/local-delivery.js';
import { isLater, type Order, orderOf, recordId } from '../log/stamp.js';
import type { BrokerMetrics } from '../metrics.js';
import { toMonotonic } from '../records/kept-properties.js';
import { messageOfFields } from '../records/message-fields.js';
import { MessageRecord, StoredCopy } from '../records/message-record.js';
import type { MessageRecords } from '../records/message-records.js';
import { BrokerSession, sessionHooks } from '../sessions/broker-session.js';
import { SessionKeeper } from '../sessions/session-keeper.js';
import type { Sessions } from '../sessions/sessions.js';
import type { ClientRecords, KeptState, MessageOnRecord } from '../state/kept-state.js';
import type { StateWriter } from '../state/state-writer.js';
import { idOf } from '../wills/will-record.js';
import { type HandOutsOnRecord, handOutsOf } from './hand-outs-on-record.js';

export interface RestoreOptions {
  state: KeptState;
  sessions: Sessions;
  delivery: LocalDelivery;
  records: MessageRecords;
  writer: StateWriter;
  limits: SessionLimits;
  metrics: Pick<BrokerMetrics, 'undelivered'>;
}

/** What one session's record leaves to do, while the messages are gone through. */
interface Draft {
  readonly client: ClientRecords & { session: SessionRecord };
  readonly keeper: SessionKeeper;
  readonly queued: OutboundMessage[];
  /** By packet id, as `outbound` says; filled in when its message comes. */
  readonly inFlight: Map<number, InFlightMessage | undefined>;
  readonly received: Set<number>;
  readonly handOuts: HandOutsOnRecord;
}

type Drafts = ReadonlyMap<string, Draft>;

/** A will that the process before this one published, and died before it could say so. */
export interface PublishedWillOnRecord {
  readonly kept: KeptMessage;
  readonly payload: Buffer;
  readonly record: MessageRecord;
}

/** What is left to do for messages, beside that sessions wait for them. */
export interface RestoredMessages {
  /** Those that are still on record as wills, by `willName`. */
  readonly wills: ReadonlyMap<string, PublishedWillOnRecord>;
  /** To be retained, and received for good: what their clients send of them again is not taken a second time. */
  readonly received: readonly MessageOnRecord[];
}

/** Sessions as they were: what they have not taken of the messages is queued, what is in flight is in flight. */
export function restoreSessions(options: RestoreOptions): RestoredMessages {
  const drafts = new Map<string, Draft>();
  for (const [key, client] of options.state.clients)
    if (client.session !== undefined) drafts.set(key, draftOf(key, client, client.session, options));
  const messages = restoreMessages(drafts, options);
  const hooks = sessionHooks(options);
  for (const draft of drafts.values()) restoreSession(draft, hooks, options);
  return messages;
}

export function willName(client: string, id: string): string {
  return `${client} ${id}`;
}

function draftOf(key: string, client: ClientRecords, session: SessionRecord, { writer, records }: RestoreOptions): Draft {
  const { organisation, clientId, born } = session;
  const current = ownRecords(client, session);
  return {
    client: current,
    keeper: new SessionKeeper({ key, organisation, clientId }, born, writer, records),
    queued: [],
    inFlight: new Map(current.outbound?.inFlight.map(({ packetId }) => [packetId, undefined])),
    received: new Set(current.inbound?.received.flatMap(({ packetId, message }) => (isBefore(born, message) ? [] : [packetId]))),
    handOuts: handOutsOf(current.session, current.outbound),
  };
}

function restoreMessages(drafts: Drafts, { state, records }: RestoreOptions): RestoredMessages {
  const wills = new Map<string, PublishedWillOnRecord>();
  const received: MessageOnRecord[] = [];
  const passedOn = new Set(state.messages.flatMap(({ kept }) => (isPassedOn(kept, drafts) ? [copyName(kept.passedOn)] : [])));
  for (const message of state.messages) {
    const { kept, payload, partition } = message;
    const record = new MessageRecord({ node: kept.node, epoch: kept.epoch, counter: kept.counter }, partition);
    record.parts = kept.parts ?? [];
    const will = kept.will !== undefined && isOnRecord(kept.will, state) ? kept.will : undefined;
    if (will !== undefined) wills.set(willName(will.client, will.id), { kept, payload, record });
    const isReceived = restoreMessage({ message, record, others: will === undefined ? 0 : 1, drafts, passedOn, records });
    if (isReceived && kept.retain) received.push(message);
  }
  return { wills, received };
}

/** To a session that is there. One that ended before it had the message in its queue has not got it: the session before it passes it on again. */
function isPassedOn(kept: KeptMessage, drafts: Drafts): kept is KeptMessage & Required<Pick<KeptMessage, 'passedOn'>> {
  return kept.passedOn !== undefined && kept.receivers.some((receiver) => draftFor(receiver, kept, drafts) !== undefined);
}

function restoreSession(draft: Draft, hooks: SessionHooks, { sessions, delivery, limits }: RestoreOptions): void {
  const { expirySeconds, disconnectedAt, subscriptions } = draft.client.session;
  const { keeper } = draft;
  const session = new BrokerSession({ owner: keeper.owner, expirySeconds, limits, keeper, restored: restored(draft), hooks });
  // Whoever was connected when the process died is away from now on; and by whatever clock that was written, nobody left after now.
  const nowMs = performance.now();
  session.disconnectedAtMs = disconnectedAt === undefined ? nowMs : Math.min(toMonotonic(disconnectedAt), nowMs);
  for (const { identifier, handOut, ...subscription } of subscriptions) {
    delivery.restore(session, subscription, identifier);
    const handed = handOut === undefined ? undefined : draft.handOuts.get(handOut);
    if (handOut !== undefined && handed !== undefined) delivery.restoreHandOut(session, subscription.filter, handOut, handed);
  }
  sessions.restore(session, disconnectedAt !== undefined);
}

function isOnRecord({ client, id }: NonNullable<KeptMessage['will']>, { clients }: KeptState): boolean {
  const { will, nextWill } = clients.get(client) ?? {};
  return [will, nextWill].some((record) => record !== undefined && idOf(record) === id);
}

/** Without what is left of an earlier session of the client. */
function ownRecords(client: ClientRecords, session: SessionRecord): Draft['client'] {
  const { outbound, inbound } = client;
  return {
    session,
    ...(outbound !== undefined && isLater(outbound, session.born) && { outbound }),
    ...(inbound !== undefined && isLater(inbound, session.born) && { inbound }),
  };
}

/** It was received for an earlier session of the client, whose last record was written when this one had begun already. */
function isBefore(born: Order, message: string | undefined): boolean {
  return message !== undefined && !isLater(orderOf(message), born);
}

function copyName({ message, copy }: { message: string; copy: number }): string {
  return `${message}/${copy}`;
}

interface MessageToRestore {
  readonly message: MessageOnRecord;
  readonly record: MessageRecord;
  /** How many need it beside its receivers and its sender. */
  readonly others: number;
  readonly drafts: Drafts;
  /** Copies that are another's by now, though the session that had them is still on record. */
  readonly passedOn: ReadonlySet<string>;
  readonly records: MessageRecords;
}

/** @returns whether its sender's identifier is not released. */
function restoreMessage({ message: { kept, payload }, record, others, drafts, passedOn, records }: MessageToRestore): boolean {
  const whole = messageOfFields(kept, payload);
  let needed = others;
  kept.receivers.forEach((receiver, index) => {
    const draft = draftFor(receiver, kept, drafts);
    if (draft === undefined) return;
    if (receiver.handOut !== undefined) draft.handOuts.get(receiver.handOut)?.add(kept.topic);
    if (passedOn.has(copyName({ message: record.id, copy: index }))) return;
    const message = copyOf(whole, receiver, new StoredCopy(record, index));
    const { outbound } = draft.client;
    const flying = outbound?.inFlight.find((each) => each.message === record.id && each.copy === index);
    if (flying !== undefined) draft.inFlight.set(flying.packetId, { packetId: flying.packetId, message, awaiting: flying.awaiting });
    else if (isTaken(kept, index, outbound?.takenUpTo)) return;
    else draft.queued.push(message);
    needed += 1;
  });
  const { sender } = kept;
  const draft = sender && draftFor(sender, kept, drafts);
  const isReceived = sender !== undefined && draft !== undefined && isUnreleased(kept, draft);
  if (isReceived) {
    draft.received.add(sender.packetId);
    draft.keeper.arrived(sender.packetId, record);
    needed += 1;
  }
  records.restore(record, needed, messageBytes(whole));
  return isReceived;
}

/** The session that a message's record means; undefined: it is over, though there may be a later one of its client. */
function draftFor({ client, session }: { client: string; session?: string }, kept: KeptMessage, drafts: Drafts): Draft | undefined {
  const draft = drafts.get(client);
  if (draft === undefined) return undefined;
  const { born } = draft.client.session;
  const isMeant = session === undefined ? isLater(kept, born) : session === recordId(born);
  return isMeant ? draft : undefined;
}

function isTaken(kept: KeptMessage, index: number, takenUpTo: { message: string; copy: number } | undefined): boolean {
  if (takenUpTo === undefined) return false;
  const last = orderOf(takenUpTo.message);
  if (kept.epoch === last.epoch && kept.counter === last.counter) return index <= takenUpTo.copy;
  return !isLater(kept, last);
}

/** Later than what was written of the sender last, or named there: on its way then, or received. */
function isUnreleased(kept: KeptMessage, { client: { inbound } }: Draft): boolean {
  if (inbound === undefined || isLater(kept, inbound)) return true;
  const id = `${kept.epoch}/${kept.counter}`;
  return [...inbound.received, ...inbound.arriving].some(({ message }) => message === id);
}

function copyOf(message: OutboundMessage, receiver: KeptMessage['receivers'][number], stored: StoredCopy): OutboundMessage {
  const { qos, retain, retainedAsPublished, identifier, share } = receiver;
  const publishedWithRetain = retainedAsPublished ?? (message.retain && !retain ? true : undefined);
  return {
    ...message,
    qos,
    retain,
    ...(publishedWithRetain !== undefined && { publishedWithRetain }),
    properties: { ...message.properties, ...(identifier !== undefined && { subscriptionIdentifiers: [identifier] }) },
    ...(share !== undefined && { share }),
    stored,
  };
}

function restored({ client: { outbound }, queued, inFlight, received }: Draft): RestoredSession {
  return {
    lastPacketId: outbound?.lastPacketId ?? 0,
    ...(outbound?.takenUpTo !== undefined && { lastTaken: lastTaken(outbound.node, outbound.takenUpTo) }),
    // In their order; one whose message is gone was finished before its state could be written.
    inFlight: [...inFlight.values()].filter((each) => each !== undefined),
    queued,
    received: [...received],
  };
}

/** What stands in the next state as long as nothing more is taken. Its message may be gone: only its place in the order counts. */
function lastTaken(node: string, { message, copy }: { message: string; copy: number }): StoredCopy {
  return new StoredCopy(new MessageRecord({ node, ...orderOf(message) }, ''), copy);
}
