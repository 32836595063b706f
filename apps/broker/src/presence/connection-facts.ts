import type { AnnouncedWill } from '@milepost/contracts';
import type { Connect, Will } from '@milepost/mqtt';
import type { Identity } from '@milepost/pki';
import type { ConnectionFacts } from './announced-connection.js';

/** What is on record about a connection: who, from where, and what it announced. */
export function connectionFacts(
  identity: Identity,
  address: string,
  { protocolVersion, cleanStart, keepAliveSeconds, properties, will }: Connect,
  nowMs: number,
): ConnectionFacts {
  const { vehicleId, organisation, issuer, serial, notAfter } = identity;
  return {
    vehicleId,
    organisation,
    connectedAt: new Date(nowMs).toISOString(),
    address,
    protocolVersion,
    cleanStart,
    keepAliveSeconds,
    sessionExpirySeconds: properties.sessionExpiryInterval ?? 0,
    certificate: { issuer, serial, notAfter: notAfter.toISOString() },
    ...(will !== undefined && { will: announcedWill(will) }),
  };
}

function announcedWill({ topic, payload, qos, retain, properties }: Will): AnnouncedWill {
  return { topic, payloadBase64: payload.toString('base64'), qos, retain, delaySeconds: properties.willDelayInterval ?? 0 };
}
