import { type Connect, ReasonCode } from '@milepost/mqtt';
import type { Identity } from '@milepost/pki';
import type { ConnectRefusal } from '../../clients/gate.js';
import type { VehicleTopics } from './vehicle-topics.js';

/** Whether a CONNECT fits the certificate that the connection was made with. */
export function checkConnect(connect: Connect, identity: Pick<Identity, 'vehicleId'>, allowed: VehicleTopics): ConnectRefusal | undefined {
  const { clientId, will } = connect;
  if (clientId !== '' && clientId !== identity.vehicleId) {
    return {
      reasonCode: ReasonCode.ClientIdentifierNotValid,
      reason: 'client_id_mismatch',
      detail: 'the client id is not the vehicle id of the certificate',
    };
  }
  if (will !== undefined && allowed.routeOf(will.topic) === undefined) {
    return {
      reasonCode: ReasonCode.NotAuthorized,
      reason: 'will_not_authorised',
      detail: 'the will is addressed to a topic that this vehicle may not publish',
    };
  }
  return undefined;
}
