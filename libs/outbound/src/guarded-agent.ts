import { lookup as dnsLookup, type LookupOptions } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { Agent, buildConnector } from 'undici';
import { isAddressAllowed } from './address.js';
import { type AllowList, isListed } from './allow-list.js';
import { type Lookup, sharedLookup } from './shared-lookup.js';
import { isPortAllowed } from './webhook-url.js';

/** A connection that was not even tried. Not retriable by itself, though a DNS name may mean something else tomorrow. */
export class OutboundRefusedError extends Error {
  readonly code = 'outbound_refused';
  readonly retriable = false;
  constructor(message: string) {
    super(message);
    this.name = 'OutboundRefusedError';
  }
}

export interface GuardedAgentOptions {
  connectTimeoutMs?: number;
  /** Certificates to trust instead of Node's own list. */
  ca?: string | Buffer;
  /** How names become addresses; `dns.lookup` unless a test plays a hostile name server. */
  lookup?: Lookup;
}

type Rule = (address: string) => boolean;

/**
 * An undici agent that reaches public addresses and those that are listed, nothing else. A name is looked up once for each
 * connection, and the socket goes to the very addresses that were checked: a name that changes its mind meanwhile
 * (DNS rebinding) changes nothing. It follows no redirect (undici does so only when told), and knows no proxy.
 */
export function createGuardedAgent(allow: AllowList, options: GuardedAgentOptions = {}): Agent {
  const { connectTimeoutMs = 10_000, ca, lookup = dnsLookup } = options;
  const shared = sharedLookup(lookup);
  const connector = (rule: Rule) =>
    buildConnector({
      timeout: connectTimeoutMs,
      allowH2: false,
      lookup: checkedLookup(shared, rule),
      ...(ca !== undefined && { ca }),
    });
  const isListedHere: Rule = (address) => isListed(address, allow);
  const isAllowedHere: Rule = (address) => isAddressAllowed(address, allow);
  const toListed = connector(isListedHere);
  const toAllowed = connector(isAllowedHere);

  const connect: buildConnector.connector = (target, callback) => {
    const anywhere = target.protocol === 'https:' && isPortAllowed(Number(target.port || 443));
    const rule = anywhere ? isAllowedHere : isListedHere;
    // A literal address is never looked up.
    if (isIP(target.hostname) !== 0 && !rule(target.hostname)) return callback(refused(target.hostname), null);
    (anywhere ? toAllowed : toListed)(target, callback);
  };
  // No limit of connections to an origin: receivers may share one, and a slow one must not delay its neighbours. Callers limit what is in flight.
  return new Agent({ connect, connections: null, pipelining: 1 });
}

/** Answers only with addresses that the rule lets pass; an error when none is left. */
function checkedLookup(lookup: Lookup, rule: Rule): LookupFunction {
  return (hostname, options: LookupOptions, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, '', 0);
      const passed = addresses.filter(({ address }) => rule(address));
      const [first] = passed;
      if (first === undefined) return callback(refused(hostname), '', 0);
      if (options.all) callback(null, passed);
      else callback(null, first.address, first.family);
    });
  };
}

/** Says nothing of what the name resolved to: whoever registers webhooks must not read our internal DNS by it. */
function refused(hostname: string): OutboundRefusedError {
  return new OutboundRefusedError(
    `${hostname} is at no address that webhooks may reach this way: it must be public, with https on port 443 or from 1024 on, or listed in WEBHOOK_ALLOW.`,
  );
}
