import { type Fault, isStorableOrganisation, isVehicleId, recordHeaders } from '@milepost/contracts';
import type { Claim, Registry, Resolution } from '@milepost/database';
import { headerText, type LogRecord } from '@milepost/kafka';

/** Who sent a record, or why nobody may be believed to have. `organisationId` is whose dead letter it becomes. */
export type Sender =
  | { kind: 'known'; vehicleId: string; vehicle: number; organisationId: number }
  | { kind: 'refused'; vehicleId: string | null; organisationId: number; fault: Fault };

/** The sender of each record, in their order. New vehicles are registered on the way, as the registry's policy says. */
export async function identifySenders(records: readonly LogRecord[], registry: Registry, operatorOrganisation: string): Promise<Sender[]> {
  const claims = claimsOf(records);
  const distinct = new Map<string, Claim>();
  for (const claim of new Set(claims)) if (claim.ok) distinct.set(keyOf(claim), claim);
  const resolutions = await registry.resolve([...distinct.values()]);
  const resolved = new Map([...distinct.keys()].map((key, index) => [key, resolutions[index]]));
  const organisations = await registry.organisations([operatorOrganisation]);

  const idOf = (name: string): number => {
    const id = organisations.get(name);
    if (id === undefined) throw new TypeError(`The registry did not resolve organisation "${name}"`);
    return id;
  };
  const senders = new Map<ClaimReading, Sender>();
  const senderOf = (claim: ClaimReading): Sender => {
    if (claim.ok) return judged(claim, resolved.get(keyOf(claim)), idOf);
    return { kind: 'refused', vehicleId: claim.vehicleId, organisationId: idOf(operatorOrganisation), fault: claim.fault };
  };
  return claims.map((claim) => {
    const known = senders.get(claim);
    if (known) return known;
    const sender = senderOf(claim);
    senders.set(claim, sender);
    return sender;
  });
}

type ClaimReading = ({ ok: true } & Claim) | { ok: false; vehicleId: string | null; fault: Fault };

/** The claim of each record. Records of a fetch that have the same headers share them, and a vehicle sends many: each claim is read once. */
function claimsOf(records: readonly LogRecord[]): ClaimReading[] {
  const byHeaders = new Map<LogRecord['headers'], Map<string | null, ClaimReading>>();
  return records.map((record) => {
    let byKey = byHeaders.get(record.headers);
    if (byKey === undefined) {
      byKey = new Map();
      byHeaders.set(record.headers, byKey);
    }
    let claim = byKey.get(record.key);
    if (claim === undefined) {
      claim = claimOf(record);
      byKey.set(record.key, claim);
    }
    return claim;
  });
}

/** What the record says of itself: its key, and the header that the broker took from the certificate. */
export function claimOf(record: Pick<LogRecord, 'key' | 'headers'>): ClaimReading {
  const { key } = record;
  if (key === null || !isVehicleId(key)) {
    return { ok: false, vehicleId: null, fault: { code: 'missing_key', pointer: '', message: 'the record has no vehicle id for its key' } };
  }
  const organisation = headerText(record, recordHeaders.organisation);
  if (organisation === undefined || !isStorableOrganisation(organisation)) {
    const message = `the record has no usable header "${recordHeaders.organisation}"`;
    return { ok: false, vehicleId: key, fault: { code: 'missing_organisation', pointer: '', message } };
  }
  return { ok: true, vehicleId: key, organisation };
}

function judged({ vehicleId, organisation }: Claim, resolution: Resolution | undefined, idOf: (name: string) => number): Sender {
  switch (resolution?.kind) {
    case 'bound':
      return { kind: 'known', vehicleId, vehicle: resolution.vehicle, organisationId: resolution.organisationId };
    case 'wrong_organisation':
      return refused('wrong_organisation', `${vehicleId} belongs to another organisation than ${organisation}`);
    case 'pending':
      return refused('vehicle_pending', `${vehicleId} waits to be admitted`);
    default:
      return refused('vehicle_refused', `${vehicleId} is not admitted`);
  }
  function refused(code: Fault['code'], message: string): Sender {
    return { kind: 'refused', vehicleId, organisationId: idOf(organisation), fault: { code, pointer: '', message } };
  }
}

function keyOf({ vehicleId, organisation }: Claim): string {
  return `${vehicleId}/${organisation}`;
}
