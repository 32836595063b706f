import type { AlertSeverity, CertificateFact } from '@milepost/contracts';
import { DAY_MS } from './condition-policy.js';

/** What a vehicle's newest connection showed. */
export interface ShownCertificate {
  /** When that connection was made, by the broker. */
  connectedAtMs: number;
  serial: string;
  notAfterMs: number;
}

/** The certificate of the newest connection counts, in whatever order they are heard of. */
export function readCertificate(
  before: ShownCertificate | undefined,
  { serial, notAfterMs }: CertificateFact,
  connectedAtMs: number,
): ShownCertificate {
  const isOlder =
    before !== undefined &&
    (connectedAtMs < before.connectedAtMs || (connectedAtMs === before.connectedAtMs && notAfterMs <= before.notAfterMs));
  return isOlder ? before : { connectedAtMs, serial, notAfterMs };
}

const ranks: readonly AlertSeverity[] = ['info', 'warning', 'critical'];
const stages: readonly { withinMs: number; atLeast: AlertSeverity }[] = [
  { withinMs: DAY_MS, atLeast: 'critical' },
  { withinMs: 7 * DAY_MS, atLeast: 'warning' },
];

/** How bad it is that a certificate ends soon; undefined while there is time. `base` is the policy's severity, which rises as the end comes near. */
export function expirySeverity(notAfterMs: number, nowMs: number, warningMs: number, base: AlertSeverity): AlertSeverity | undefined {
  const leftMs = notAfterMs - nowMs;
  if (leftMs > warningMs) return undefined;
  const stage = stages.find(({ withinMs }) => leftMs <= withinMs);
  return stage === undefined || isWorse(base, stage.atLeast) ? base : stage.atLeast;
}

export const isWorse = (a: AlertSeverity, b: AlertSeverity): boolean => ranks.indexOf(a) > ranks.indexOf(b);

/** When to look again: the next stage. */
export function nextExpiryLookMs(notAfterMs: number, nowMs: number, warningMs: number): number | undefined {
  const looks = [warningMs, ...stages.map(({ withinMs }) => withinMs)]
    .map((withinMs) => notAfterMs - withinMs)
    .filter((atMs) => atMs > nowMs);
  return looks.length === 0 ? undefined : Math.min(...looks);
}
