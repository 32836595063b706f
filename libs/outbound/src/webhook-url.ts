import { isIP } from 'node:net';
import { isAddressAllowed } from './address.js';
import { type AllowList, isListed } from './allow-list.js';

export interface UrlRefusal {
  ok: false;
  code: 'invalid_url' | 'scheme_not_allowed' | 'credentials_not_allowed' | 'address_not_allowed' | 'port_not_allowed';
  /** For whoever typed the URL: what is wrong with it and what would be right. */
  message: string;
}

/** `href` is the URL in its normal form: what is stored and called. */
export type UrlVerdict = { ok: true; href: string } | UrlRefusal;

const maxUrlLength = 2_048;
const firstUnprivilegedPort = 1_024;
/** Names that mean this very machine without any DNS (RFC 6761 §6.3, and Debian's /etc/hosts). */
const loopbackName = /^(?:(?:.+\.)?localhost(?:\.localdomain)?|ip6-localhost|ip6-loopback)$/;

/**
 * Judges a webhook's URL by its text alone, where it is registered. What a DNS name resolves to is judged at each connect, by the guarded agent.
 * Pure: no look-ups. The URL parser has by then turned 2130706433, 0x7f.1 and 0177.0.0.1 into 127.0.0.1.
 */
export function checkWebhookUrl(text: string, allow: AllowList): UrlVerdict {
  if (text.length > maxUrlLength) return refusal('invalid_url', `The URL is longer than ${maxUrlLength} characters.`);
  if (!URL.canParse(text)) return refusal('invalid_url', 'This is not an absolute URL. It looks like https://example.com/hooks/milepost.');
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    return refusal(
      'scheme_not_allowed',
      `A webhook's URL begins with https://, or http:// at an address that WEBHOOK_ALLOW lists; not with ${url.protocol}//.`,
    );
  }
  if (url.username !== '' || url.password !== '') {
    return refusal('credentials_not_allowed', 'A webhook’s URL must not carry a user name or password: verify the signature instead.');
  }
  const { addresses, listed } = visibleAddresses(url.hostname, allow);
  if (addresses && !addresses.some((address) => isAddressAllowed(address, allow))) {
    return refusal('address_not_allowed', `${url.hostname} is not a public address, and WEBHOOK_ALLOW does not list it.`);
  }
  if (listed) return { ok: true, href: url.href };
  if (url.protocol === 'http:') {
    return refusal('scheme_not_allowed', 'Plain http is for addresses that WEBHOOK_ALLOW lists only: use https.');
  }
  if (!isPortAllowed(url.port === '' ? 443 : Number(url.port))) {
    return refusal('port_not_allowed', `Port ${url.port} is not allowed: use 443, or one from ${firstUnprivilegedPort} on.`);
  }
  return { ok: true, href: url.href };
}

/** Ports that webhooks may use at addresses which are not listed: those below belong to services that are not receivers. */
export function isPortAllowed(port: number): boolean {
  return port === 443 || port >= firstUnprivilegedPort;
}

/** The addresses that stand in the URL itself; none for a DNS name, which says nothing before it is looked up. */
function visibleAddresses(hostname: string, allow: AllowList): { addresses?: string[]; listed: boolean } {
  const host = hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  const addresses = isIP(host) !== 0 ? [host] : loopbackName.test(host) ? ['127.0.0.1', '::1'] : undefined;
  return addresses ? { addresses, listed: addresses.some((address) => isListed(address, allow)) } : { listed: false };
}

function refusal(code: UrlRefusal['code'], message: string): UrlRefusal {
  return { ok: false, code, message };
}
