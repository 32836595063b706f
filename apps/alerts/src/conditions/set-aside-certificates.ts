import type { CertificateFact, Connected } from '@milepost/contracts';
import { sql } from '@milepost/database';
import type { PresenceEvent } from '@milepost/presence';
import type { PoolClient } from 'pg';

const setAside = sql('conditions/set-aside-certificates');

/** What a connection showed, and when. */
export interface ShownCertificate {
  owner: NonNullable<PresenceEvent['owner']>;
  connectedAtMs: number;
  /** Log time. */
  atMs: number;
  fact: CertificateFact;
}

/** Undefined where its times are none. */
export function certificateOf(
  { connectedAt, certificate }: Pick<Connected, 'connectedAt' | 'certificate'>,
  owner: ShownCertificate['owner'],
  atMs: number,
): ShownCertificate | undefined {
  const connectedAtMs = Date.parse(connectedAt);
  const notAfterMs = Date.parse(certificate.notAfter);
  if (Number.isNaN(connectedAtMs) || Number.isNaN(notAfterMs)) return undefined;
  return { owner, connectedAtMs, atMs, fact: { kind: 'certificate', serial: certificate.serial, notAfterMs } };
}

/** Sets aside which certificates connections showed, in the transaction that applies the connections: their ends are judged as conditions. */
export async function setAsideCertificates(client: PoolClient, shown: readonly ShownCertificate[]): Promise<void> {
  if (shown.length === 0) return;
  const values = [
    shown.map(({ owner }) => owner.vehicle),
    shown.map(({ owner }) => owner.organisationId),
    shown.map(({ connectedAtMs }) => connectedAtMs),
    shown.map(({ atMs }) => atMs),
    shown.map(({ fact }) => JSON.stringify(fact)),
  ];
  await client.query({ ...setAside, values });
}
