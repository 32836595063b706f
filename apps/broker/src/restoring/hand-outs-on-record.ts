import type { OutboundRecord, SessionRecord } from '@milepost/contracts';
import { isLater } from '../log/stamp.js';

/** By the id of each hand-out of retained messages that is not over: the topics whose message is on record. */
export type HandOutsOnRecord = ReadonlyMap<string, Set<string>>;

const NONE: HandOutsOnRecord = new Map();

/** Those of one session, without a topic yet. The later of its two records knows. */
export function handOutsOf(session: SessionRecord, outbound: OutboundRecord | undefined): HandOutsOnRecord {
  const named = session.subscriptions.flatMap(({ handOut }) => (handOut === undefined ? [] : [handOut]));
  if (named.length === 0) return NONE;
  const left = outbound === undefined || isLater(session, outbound) ? undefined : new Set(outbound.handingOut);
  return new Map(named.filter((id) => left?.has(id) !== false).map((id) => [id, new Set()]));
}
