import { createHmac } from 'node:crypto';

export interface SignedMessage {
  id: string;
  /** Whole seconds since the epoch. */
  timestamp: number;
  body: string;
}

const secretPrefix = 'whsec_';

/**
 * The headers of Standard Webhooks 1.0 (https://www.standardwebhooks.com): an HMAC-SHA256 over `id.timestamp.body` for each
 * secret, the newest first, so that a receiver which knows either of two accepts it during rotation.
 * @throws when a secret is not `whsec_` and base64, which registration makes impossible.
 */
export function signatureHeaders({ id, timestamp, body }: SignedMessage, secrets: readonly string[]): Record<string, string> {
  const signatures = secrets.map((secret) => {
    const hmac = createHmac('sha256', keyOf(secret)).update(`${id}.${timestamp}.${body}`);
    return `v1,${hmac.digest('base64')}`;
  });
  return { 'webhook-id': id, 'webhook-timestamp': String(timestamp), 'webhook-signature': signatures.join(' ') };
}

function keyOf(secret: string): Buffer {
  const key = secret.startsWith(secretPrefix) ? Buffer.from(secret.slice(secretPrefix.length), 'base64') : Buffer.alloc(0);
  if (key.length === 0) throw new Error('A webhook secret must be whsec_ and base64. Rotate the endpoint’s secret.');
  return key;
}
