import type { Trust } from '@milepost/pki';
import type { ServerCredentials } from './listener/server-credentials.js';
import type { BrokerMetrics } from './metrics.js';

interface TrustedParts {
  metrics: BrokerMetrics;
  trust: Pick<Trust, 'authorities' | 'problems'>;
  credentials: Pick<ServerCredentials, 'expiresAt'>;
}

const secondsOf = (time: Date): number => time.getTime() / 1000;

/** What ends by the calendar alone, with nothing to be seen before: for who is to hear of it weeks ahead. */
export function showTrustInMetrics({ metrics, trust, credentials }: TrustedParts): void {
  metrics.gauge('certificate_expiry_timestamp_seconds', "When the broker's own certificate ends: nobody can connect from then on", () =>
    secondsOf(credentials.expiresAt),
  );
  metrics.gaugeBy('authority', 'authority_expiry_timestamp_seconds', 'When the certificate of a trusted CA ends', () =>
    trust.authorities().map(({ name, notAfter }) => [name, secondsOf(notAfter)]),
  );
  metrics.gaugeBy('authority', 'revocation_list_expiry_timestamp_seconds', 'When the revocation list of a trusted CA ends', () =>
    trust.authorities().flatMap(({ name, revoked }) => (revoked?.nextUpdate ? [[name, secondsOf(revoked.nextUpdate)]] : [])),
  );
  metrics.gauge(
    'trust_problems',
    'What is wrong with the trusted CAs and their lists now; the log says what',
    () => trust.problems().length,
  );
}
