import type { AnnouncedWill } from '@milepost/contracts';
import type { Connect, Will } from '@milepost/mqtt';
import type { Identity } from '@milepost/pki';
import type { ConnectionFacts } from './announced-connection.js';

/** What is on record about a connection: who, from where, and what it announced. `sessionExpirySeconds`: as agreed. */
export function connectionFacts(
  identity: Identity,
  address: string,
  { protocolVersion, cleanStart, keepAliveSeconds, will }: Connect,
  { sessionExpirySeconds, nowMs }: { sessionExpirySeconds: number; nowMs: number },
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
    sessionExpirySeconds,
    certificate: { issuer, serial, notAfter: notAfter.toISOString() },
    ...(will !== undefined && { will: announcedWill(will, sessionExpirySeconds) }),
  };
}

function announcedWill({ topic, payload, qos, retain, properties }: Will, sessionExpirySeconds: number): AnnouncedWill {
  // It is published when its session ends, if that is before (MQTT-3.1.2-8): so long, and no longer, may the vehicle be away.
  const delaySeconds = Math.min(properties.willDelayInterval ?? 0, sessionExpirySeconds);
  return { topic, payloadBase64: payload.toString('base64'), qos, retain, delaySeconds };
}
