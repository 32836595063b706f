import type { Connack, Connect } from '../packets/packet.js';
import { type ConnackProperties, NO_PROPERTIES } from '../packets/properties.js';
import { ReasonCode } from '../packets/reason-code.js';
import type { Acceptance } from './interface/connection-effects.js';
import type { ConnectionOptions } from './interface/connection-options.js';
import { ownCode } from './own-code.js';

/** 3.1.1 return codes (v3 table 3.1). What has none there is closed without an answer. */
const RETURN_CODES: ReadonlyMap<number, number> = new Map([
  [ReasonCode.UnsupportedProtocolVersion, 1],
  [ReasonCode.ClientIdentifierNotValid, 2],
  [ReasonCode.ServerUnavailable, 3],
  [ReasonCode.ServerBusy, 3],
  [ReasonCode.ServerShuttingDown, 3],
  [ReasonCode.UseAnotherServer, 3],
  [ReasonCode.ServerMoved, 3],
  [ReasonCode.QuotaExceeded, 3],
  [ReasonCode.ConnectionRateExceeded, 3],
  [ReasonCode.BadUserNameOrPassword, 4],
  [ReasonCode.NotAuthorized, 5],
  [ReasonCode.Banned, 5],
]);

/** Of an acceptance, what the client hears. */
type Told = Omit<Acceptance, 'session'>;

/** What the two sides agreed on, within what the options allow. */
export interface Agreement {
  readonly keepAliveSeconds: number;
  readonly sessionExpirySeconds: number;
}

export function agreeOn(connect: Connect, options: ConnectionOptions): Agreement {
  const { protocolVersion, keepAliveSeconds } = connect;
  // 3.1.1 cannot be told of another keep-alive than its own.
  const keepAlive = protocolVersion === 5 ? Math.min(keepAliveSeconds, options.maxKeepAliveSeconds) : keepAliveSeconds;
  return { keepAliveSeconds: keepAlive, sessionExpirySeconds: sessionExpiryOf(connect, options) };
}

/** How long the session of a CONNECT outlives its connection, in seconds. 3.1.1 has no expiry but ours. */
export function sessionExpiryOf(
  { protocolVersion, cleanStart, properties }: Connect,
  { maxSessionExpirySeconds }: ConnectionOptions,
): number {
  const asked = protocolVersion === 5 ? (properties.sessionExpiryInterval ?? 0) : cleanStart ? 0 : maxSessionExpirySeconds;
  return Math.min(asked, maxSessionExpirySeconds);
}

/** CONNACK of an accepted CONNECT: each limit is told only where it differs from what the client would assume. */
export function acceptingConnack(connect: Connect, agreement: Agreement, acceptance: Told, options: ConnectionOptions): Connack {
  // MQTT-3.2.2-2: never on a clean start.
  const sessionPresent = !connect.cleanStart && acceptance.sessionPresent === true;
  const properties = connect.protocolVersion === 5 ? announcements(connect, agreement, acceptance, options) : NO_PROPERTIES;
  return { type: 'connack', sessionPresent, reasonCode: ReasonCode.Success, properties };
}

/** CONNACK of a refused one; undefined: 3.1.1 has no code for it. */
export function refusingConnack(version: 4 | 5, reasonCode: ReasonCode, reasonString: string | undefined): Connack | undefined {
  const code = version === 5 ? ownCode('connack', reasonCode) : RETURN_CODES.get(reasonCode);
  if (code === undefined) return undefined;
  const properties = version === 5 && reasonString !== undefined ? { reasonString } : NO_PROPERTIES;
  return { type: 'connack', sessionPresent: false, reasonCode: code, properties };
}

function announcements(connect: Connect, agreement: Agreement, acceptance: Told, options: ConnectionOptions): ConnackProperties {
  const { properties } = connect;
  return {
    ...(agreement.sessionExpirySeconds !== (properties.sessionExpiryInterval ?? 0) && {
      sessionExpiryInterval: agreement.sessionExpirySeconds,
    }),
    ...(options.receiveMaximum < 65_535 && { receiveMaximum: options.receiveMaximum }),
    ...(options.maximumQoS < 2 && { maximumQoS: options.maximumQoS as 0 | 1 }),
    ...(!options.retainAvailable && { retainAvailable: false }),
    maximumPacketSize: options.maxPacketBytes,
    ...(connect.clientId === '' && { assignedClientIdentifier: acceptance.clientId }),
    ...(options.topicAliasMaximum > 0 && { topicAliasMaximum: options.topicAliasMaximum }),
    ...(!options.wildcardSubscriptionsAvailable && { wildcardSubscriptionAvailable: false }),
    ...(!options.subscriptionIdentifiersAvailable && { subscriptionIdentifierAvailable: false }),
    ...(!options.sharedSubscriptionsAvailable && { sharedSubscriptionAvailable: false }),
    ...(agreement.keepAliveSeconds !== connect.keepAliveSeconds && { serverKeepAlive: agreement.keepAliveSeconds }),
    ...(properties.requestResponseInformation === true &&
      options.responseInformation !== '' && { responseInformation: options.responseInformation }),
    ...(properties.authenticationMethod !== undefined && { authenticationMethod: properties.authenticationMethod }),
    ...(acceptance.authenticationData !== undefined && { authenticationData: acceptance.authenticationData }),
  };
}

/** What a client may be told beside a code; undefined where it asked for no problem information (MQTT-3.1.2-29). */
export function reasonStringFor(connect: Connect, detail: string): string | undefined {
  return connect.properties.requestProblemInformation === false ? undefined : detail;
}
