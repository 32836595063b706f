import { withLock } from '@milepost/files';
import type { Authority } from '../authority/authority.js';
import { readIssued, writeIssued } from '../authority/issued-registry.js';
import { serialNumber } from '../encoding/serial-number.js';
import { PkiError } from '../pki-error.js';
import { publishRevocations } from './publish-revocations.js';

export type RevocationTarget = { vehicleId: string } | { serial: string };

export interface Revocation {
  serials: string[];
  added: string[];
  unknown: string[];
}

/**
 * Puts a vehicle's certificates (or the one with this serial number, also one that issued.json does not know) on ca.crl.
 * Certificates that are issued to the vehicle later are not affected.
 * @returns the serial numbers that are revoked now, which of them were not before, and which issued.json does not know.
 * @throws PkiError `unknown_vehicle` when nothing was ever issued to it.
 */
export function revoke(authority: Authority, target: RevocationTarget, now = new Date()): Promise<Revocation> {
  return withLock(authority.files.lock, async () => {
    const issued = await readIssued(authority.files.issued);
    const serials =
      'serial' in target ? [serialNumber(target.serial)] : issued.filter((c) => c.vehicleId === target.vehicleId).map((c) => c.serial);
    if (serials.length === 0 && 'vehicleId' in target) {
      throw new PkiError(
        'unknown_vehicle',
        `${authority.files.issued} knows no certificate of "${target.vehicleId}". Revoke by serial number, or check the spelling.`,
      );
    }
    const added = await publishRevocations(authority, serials, now);
    const revoked = new Set(serials);
    await writeIssued(
      authority.files.issued,
      issued.map((c) => (revoked.has(c.serial) && c.revokedAt === undefined ? { ...c, revokedAt: now.toISOString() } : c)),
    );
    const known = new Set(issued.map((c) => c.serial));
    return { serials, added, unknown: serials.filter((serial) => !known.has(serial)) };
  });
}
