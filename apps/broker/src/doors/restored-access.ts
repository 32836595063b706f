import { topics, type VehicleId } from '@milepost/contracts';
import type { Access, Route } from '../clients/access.js';
import type { SessionOwner } from '../sessions/session-keeper.js';
import { VehicleTopics } from './vehicles/vehicle-topics.js';

const PLAIN: Route = { topic: topics.mqttMessages, retainable: true };

/** What a client that is not here may publish: for its will, which was authorised when it was announced. */
export function restoredAccess(owner: SessionOwner): Access {
  const { key, organisation, clientId } = owner;
  const vehicle = key.startsWith('vehicle/') ? new VehicleTopics(clientId as VehicleId) : undefined;
  return {
    key,
    organisation,
    clientId,
    recordKey: clientId,
    headers: { organisation },
    routeOf: (topic) => (vehicle === undefined ? PLAIN : vehicle.routeOf(topic)),
    // Nobody is here to be told.
    whyNoRoute: () => '',
    maySubscribe: () => false,
    whyNoSubscription: '',
  };
}
