import { type KeptMessage, type NextWillRecord, type SessionRecord, topics, type WillRecord } from '@milepost/contracts';
import type { AppendOutcome } from '@milepost/kafka';
import type { SessionLimits } from '@milepost/mqtt';
import type { Logger } from '@milepost/runtime';
import type { Retaining } from '../delivery/retained/retaining.js';
import type { LocalDelivery } from '../delivery/subscribers/local-delivery.js';
import { isLater, orderOf, recordId } from '../log/stamp.js';
import type { BrokerMetrics } from '../metrics.js';
import { messageOfFields } from '../records/message-fields.js';
import type { MessageRecords } from '../records/message-records.js';
import { retainedKey } from '../records/retained-records.js';
import type { SessionOwner } from '../sessions/session-keeper.js';
import type { Sessions } from '../sessions/sessions.js';
import type { ClientRecords, KeptState, MessageOnRecord } from '../state/kept-state.js';
import type { StateWriter } from '../state/state-writer.js';
import type { KeptWill } from '../wills/kept-will.js';
import { noteRefusal } from '../wills/publish-will.js';
import { idOf } from '../wills/will-record.js';
import type { Wills } from '../wills/wills.js';
import { type PublishedWillOnRecord, restoreSessions, willName } from './restore-sessions.js';

/** What a topic retained, and does not any more, is in the log as long as that: half of what Kafka keeps a removal by default (`delete.retention.ms`). */
const REMOVALS_KEPT_MS = 12 * 3_600_000;

export interface RestoreStateOptions {
  state: KeptState;
  sessions: Sessions;
  delivery: LocalDelivery;
  records: MessageRecords;
  retaining: Pick<Retaining, 'untilRetained'>;
  wills: Wills;
  writer: StateWriter;
  limits: SessionLimits;
  metrics: Pick<BrokerMetrics, 'undelivered' | 'willsGivenUp'>;
  publishWill(kept: KeptWill): void;
  logger: Logger;
}

/** Takes over what the process before this one left: before the listener opens. */
export function restoreState(options: RestoreStateOptions): void {
  const { state, sessions, records, wills, publishWill, logger } = options;
  const startedAt = performance.now();
  restoreRetained(options);
  // The process died before their messages were received, or while it removed them.
  for (const [key, partition] of state.strayParts) void options.writer.remove(topics.mqttMessages, key, partition);
  const messages = restoreSessions(options);
  for (const message of messages.received) retainReceived(message, options);
  const publicationOf = (key: string, will: WillRecord | NextWillRecord) => messages.wills.get(willName(key, idOf(will)));
  for (const [key, client] of state.clients) {
    const { session, will, nextWill } = client;
    if (session === undefined) removeLeft(key, client, options);
    const next = nextWill !== undefined && isOne(nextWill, will, session) ? nextWill : undefined;
    const owner = ownerOf(key, will ?? nextWill);
    if (owner === undefined) continue;
    if (nextWill !== undefined && next === undefined) {
      const isOther = will === undefined || idOf(nextWill) !== idOf(will);
      void removeNext(owner, isOther ? publicationOf(key, nextWill) : undefined, options);
    }
    const last = next ?? will;
    if (will !== undefined && next !== undefined) {
      // The session that it belongs to is over.
      const message = publicationOf(key, will);
      const before = wills.restore(owner, will);
      if (message === undefined) publishWill(before);
      else void finishWill(before, message, options);
    }
    if (last === undefined) continue;
    const message = publicationOf(key, last);
    if (message === undefined && isOfEarlierSession(last, session)) publishWill(wills.restore(owner, last));
    else if (message === undefined) wills.defer(owner, last, sessions.get(key)?.endsAtMs, publishWill);
    else void finishWill(wills.restore(owner, last), message, options);
  }
  // What is over by now: sessions, and then the wills that waited with them.
  sessions.sweep();
  wills.sweep();
  const facts = { sessions: sessions.size, messages: records.size, retained: state.retained.length, wills: wills.pendingCount };
  logger.info({ event: 'broker.state.restored', ...facts, ms: Math.round(performance.now() - startedAt) }, 'The MQTT state was restored');
}

/** What has expired goes off the record: nothing else bounds how many topics that never come again leave something there. */
function restoreRetained({ state, delivery, writer }: RestoreStateOptions): void {
  const nowMs = performance.now();
  for (const { record, payload } of state.retained) {
    const { organisation, topic } = record;
    const message = messageOfFields(record, payload);
    const key = retainedKey(organisation, topic);
    if (message.expiresAtMs !== undefined && message.expiresAtMs <= nowMs)
      void writer.remove(topics.mqttRetained, key, key, record.of ?? recordId(record));
    else delivery.restoreRetained(organisation, message);
  }
}

/** Its CONNECT was accepted, and it has not had its place since: one that comes before what is there now has had it. */
function isOne(next: NextWillRecord, will: WillRecord | undefined, session: SessionRecord | undefined): boolean {
  const isNext = will === undefined || isLater(orderOf(idOf(next)), orderOf(idOf(will)));
  return isNext && (next.established || isEstablishedBy(next, session));
}

function isEstablishedBy({ establishedBy }: NextWillRecord, session: SessionRecord | undefined): boolean {
  if (establishedBy === undefined) return false;
  return establishedBy === null ? session === undefined : session !== undefined && recordId(establishedBy) === recordId(session.born);
}

/** The session that it waited with is over: it is due (MQTT-3.1.3-9). */
function isOfEarlierSession({ session: own }: WillRecord | NextWillRecord, session: SessionRecord | undefined): boolean {
  return own !== undefined && (session === undefined || recordId(own) !== recordId(session.born));
}

function ownerOf(key: string, record: WillRecord | NextWillRecord | undefined): SessionOwner | undefined {
  return record && { key, organisation: record.organisation, clientId: record.clientId };
}

/** What is left to do of a will whose message is on record: its receivers have it there. */
async function finishWill(will: KeptWill, { kept, payload, record }: PublishedWillOnRecord, options: RestoreStateOptions): Promise<void> {
  const { state, wills, records } = options;
  const { organisation, topic, retain } = kept;
  if (retain && !state.isRetainedSince(organisation, topic, kept)) {
    // Until its topic retains it on record no other will may have its place there.
    wills.publishing(will);
    const answer = await untilRetained(kept, payload, options);
    if (answer?.kind === 'refused') noteRefusal(will, answer.code, options);
  }
  if (await wills.forget(will)) records.release(record);
}

/** The process died between the record of a message and that of what its topic retains: whoever sent it hears that it is received, and does not send it again. */
function retainReceived({ kept, payload, timestampMs }: MessageOnRecord, options: RestoreStateOptions): void {
  const { organisation, topic } = kept;
  // That an older one was retained, and removed since, the log may not know any more.
  const isInDoubt = Date.now() - timestampMs < REMOVALS_KEPT_MS && !options.state.isRetainedSince(organisation, topic, kept);
  if (isInDoubt) void untilRetained(kept, payload, options);
}

/** The topic retains it from now on. */
function untilRetained(kept: KeptMessage, payload: Buffer, { retaining }: RestoreStateOptions): Promise<AppendOutcome | undefined> {
  return retaining.untilRetained(kept.organisation, messageOfFields(kept, payload), recordId(kept));
}

/** The process died between the end of the session and that of what it had: nobody else would ever write these keys again. */
function removeLeft(key: string, { outbound, inbound }: ClientRecords, { writer }: RestoreStateOptions): void {
  for (const left of [outbound, inbound]) if (left !== undefined) void writer.remove(topics.mqttSessions, `${left.kind}:${key}`, key);
}

/** Beside the will there is none. `published`: its message, if it was one, which stays on record as long as it does. */
async function removeNext(
  owner: SessionOwner,
  published: PublishedWillOnRecord | undefined,
  { wills, records }: RestoreStateOptions,
): Promise<void> {
  if ((await wills.removeNext(owner)) && published !== undefined) records.release(published.record);
}
