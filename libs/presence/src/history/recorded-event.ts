import { type DisconnectCause, disconnectCauses } from '@milepost/contracts';
import type { MachineRecord } from '../machine-record.js';
import type { PresenceEvent } from '../presence-partition.js';
import { announcedWill, keptWill } from '../state/connection.js';

/** Version of what is written here and in `recorded-batch.ts`. It is raised by each change that an older reader would misread. */
export const HISTORY_FORMAT = 1;

type Place = [offset: number, atMs: number];
type Owner = [vehicle: number, organisationId: number] | null;

/** An event as it is kept: an array that begins with its kind. Only what the machine reads is in it; a will's payload is cut as the machine cuts it. */
export type RecordedEvent =
  | ['l', ...Place, node: string, epoch: number, counter: number, role: 0 | 1, partition: number]
  | [
      'c',
      ...Place,
      Owner,
      vehicleId: string,
      connectionId: string,
      node: string,
      epoch: number,
      address: string,
      connectedAt: string,
      resumed: 0 | 1,
      will?: [topic: string, payloadBase64: string, delaySeconds: number],
    ]
  | ['d', ...Place, Owner, vehicleId: string, connectionId: string, cause: number, sessionExpirySeconds?: number, willDelaySeconds?: number]
  | ['w', ...Place, Owner, vehicleId: string, connectionId: string, topic: string, payloadBase64: string]
  | ['r', ...Place, organisationId: number | null, commonName: string | null, address: string];

/** Times and offsets are kept as differences to those of the batch's first event. Undefined for what changes no state: a refused attempt of another reason. */
export function recordedEvent(event: PresenceEvent, base: Place): RecordedEvent | undefined {
  const { record, owner, organisationId } = event;
  const place: Place = [event.offset - base[0], event.atMs - base[1]];
  const whose: Owner = owner === undefined ? null : [owner.vehicle, owner.organisationId];
  switch (record.kind) {
    case 'lease':
      return ['l', ...place, record.node, record.epoch, record.counter, record.role === 'alerts' ? 1 : 0, record.partition];
    case 'connected': {
      const { vehicleId, connectionId, node, epoch, address, connectedAt, resumed } = record;
      const kept = announcedWill(record);
      const said: [string, string, number][] = kept ? [[kept.topic, kept.payloadBase64, kept.delaySeconds]] : [];
      return ['c', ...place, whose, vehicleId, connectionId, node, epoch, address, connectedAt, resumed ? 1 : 0, ...said] as RecordedEvent;
    }
    case 'disconnected': {
      const { vehicleId, connectionId, cause, willDelaySeconds, sessionExpirySeconds = willDelaySeconds } = record;
      const delay: [number?] = willDelaySeconds === undefined ? [] : [willDelaySeconds];
      const said: [number?, number?] = sessionExpirySeconds === undefined ? [] : [sessionExpirySeconds, ...delay];
      return ['d', ...place, whose, vehicleId, connectionId, disconnectCauses.indexOf(cause), ...said];
    }
    case 'will': {
      const { topic, payloadBase64 } = keptWill({ ...record, delaySeconds: 0 });
      return ['w', ...place, whose, record.vehicleId, record.connectionId, topic, payloadBase64];
    }
    case 'refused':
      return record.reason === 'take_over_limit'
        ? ['r', ...place, organisationId ?? null, record.commonName ?? null, record.address]
        : undefined;
  }
}

/** The event that was recorded. @throws RangeError for a cause that this version does not know. */
export function eventOf(recorded: RecordedEvent, base: Place): PresenceEvent {
  const event = (record: MachineRecord, whose?: Owner): PresenceEvent => ({
    record,
    ...(whose && { owner: { vehicle: whose[0], organisationId: whose[1] } }),
    offset: recorded[1] + base[0],
    atMs: recorded[2] + base[1],
  });
  switch (recorded[0]) {
    case 'l': {
      const [, , , node, epoch, counter, role, partition] = recorded;
      return event({ kind: 'lease', node, epoch, counter, role: role === 1 ? 'alerts' : 'broker', partition });
    }
    case 'c': {
      const [, , , whose, vehicleId, connectionId, node, epoch, address, connectedAt, resumed, will] = recorded;
      const announced = will && { will: { topic: will[0], payloadBase64: will[1], delaySeconds: will[2] } };
      return event(
        { kind: 'connected', vehicleId, connectionId, node, epoch, address, connectedAt, resumed: resumed === 1, ...announced },
        whose,
      );
    }
    case 'd': {
      const [, , , whose, vehicleId, connectionId, cause, sessionExpirySeconds, willDelaySeconds] = recorded;
      const said = {
        ...(sessionExpirySeconds !== undefined && { sessionExpirySeconds }),
        ...(willDelaySeconds !== undefined && { willDelaySeconds }),
      };
      return event({ kind: 'disconnected', vehicleId, connectionId, cause: causeOf(cause), ...said }, whose);
    }
    case 'w': {
      const [, , , whose, vehicleId, connectionId, topic, payloadBase64] = recorded;
      return event({ kind: 'will', vehicleId, connectionId, topic, payloadBase64 }, whose);
    }
    case 'r': {
      const [, , , organisationId, commonName, address] = recorded;
      const refused = event({ kind: 'refused', reason: 'take_over_limit', address, ...(commonName !== null && { commonName }) });
      return organisationId === null ? refused : { ...refused, organisationId };
    }
  }
}

function causeOf(index: number): DisconnectCause {
  const cause = disconnectCauses[index];
  if (cause === undefined) throw new RangeError(`The history names cause ${index}, which this version does not know`);
  return cause;
}
