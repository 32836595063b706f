import type { RefusalReason } from '@milepost/contracts';
import { type ConnectionEnd, ReasonCode, type SubscriptionLimit } from '@milepost/mqtt';

/** Of an end that was ours. */
const OF_ENDS: ReadonlyMap<number, string> = new Map([
  [ReasonCode.ReceiveMaximumExceeded, 'receive_maximum'],
  [ReasonCode.PacketTooLarge, 'packet_bytes'],
  [ReasonCode.QuotaExceeded, 'queue'],
  [ReasonCode.MaximumConnectTime, 'connect_time'],
]);

const OF_REFUSALS: Partial<Record<RefusalReason, string>> = {
  take_over_limit: 'take_overs',
  connecting_too_often: 'client_connect_rate',
  too_many_logins: 'failed_logins',
  too_many_sessions: 'sessions',
  client_id_too_long: 'client_id_bytes',
  will_too_large: 'record_bytes',
  will_not_retained: 'retained_messages',
};

/** `label` of the metric, `why` for whoever writes the client. */
const OF_SUBSCRIPTIONS: Record<SubscriptionLimit, { readonly label: string; readonly why: string }> = {
  maxSubscriptionsPerSubscriber: { label: 'subscriptions', why: 'The session has as many subscriptions as it may have.' },
  maxSubscriptionsInAll: { label: 'subscriptions_all', why: 'The broker has as many subscriptions as it may have.' },
  maxFilterLevels: { label: 'filter_levels', why: 'The filter has more levels than one may have.' },
  maxFilterBytesPerSubscriber: { label: 'filter_bytes', why: 'The filters of the session have as many bytes as they may have.' },
};

/** The label of the limit that a connection ended at; undefined: it ended at none of ours. */
export function limitOfEnd({ cause, reasonCode, established }: ConnectionEnd): string | undefined {
  // A client may send these codes itself, of a limit of its own. What is refused at CONNECT has its reason, and is counted by that;
  // a message that is refused, which ends a connection of 3.1.1, has been counted by the limit that it met.
  if (cause === 'client_disconnect_with_will' || cause === 'refused_publish') return undefined;
  if (!established && reasonCode === ReasonCode.QuotaExceeded) return undefined;
  return OF_ENDS.get(reasonCode);
}

/** Likewise of a CONNECT that was refused; undefined: not for a limit that this says. */
export function limitOfRefusal(reason: RefusalReason): string | undefined {
  return OF_REFUSALS[reason];
}

/** Likewise of a subscription that was refused with 0x97. */
export function limitOfSubscription(limit: SubscriptionLimit): (typeof OF_SUBSCRIPTIONS)[SubscriptionLimit] {
  return OF_SUBSCRIPTIONS[limit];
}
