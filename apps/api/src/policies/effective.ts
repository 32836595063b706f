import { type AlertType, alertTypes } from '@milepost/contracts';
import type { PolicyBook } from '@milepost/presence';
import { principalOf } from '../authentication.js';
import { mutesOfVehicle } from '../mutes/mute.js';
import { problemResponses } from '../problems/responses.js';
import type { Route } from '../route.js';
import { pathId } from '../shared/ids.js';
import { reference } from '../shared/references.js';
import { findVehicle } from '../vehicles/find-vehicle.js';
import { bookOfVehicle } from './book-of-vehicle.js';

export const getEffectivePolicy: Route = (app, { database }) => {
  app.route({
    method: 'GET',
    url: '/v1/vehicles/:id/policy',
    config: { scope: 'read' },
    schema: {
      tags: ['policies'],
      operationId: 'getEffectivePolicy',
      summary: 'What holds for a vehicle, and where each value comes from',
      description: 'The narrowest that says a value counts: vehicle, group, organisation, configuration of alerts, default.',
      params: pathId.vehicle,
      response: { 200: { description: 'The policy', ...reference('EffectivePolicy') }, ...problemResponses('vehicle_not_found') },
    },
    handler: (request) => {
      const { organisationId } = principalOf(request);
      return database.as({ organisationId }, async (view) => {
        const { id: vehicle, vehicleId } = await findVehicle(view, request.params.id);
        const book = await bookOfVehicle(view, vehicle);
        const mutedUntil = mutedUntilOf(book, { organisationId, vehicle }, Date.now());
        return {
          vehicleId,
          ...book.resolve({ organisationId, vehicle }),
          mutes: await mutesOfVehicle(view, vehicle),
          ...(mutedUntil !== undefined && { mutedUntil }),
        };
      });
    },
  });
};

/** When a new alert of any type would be told at last, if none would be told now. Without an end: the end of time. */
function mutedUntilOf(book: PolicyBook, subject: { organisationId: number; vehicle: number }, nowMs: number): string | undefined {
  const ends = alertTypes.map((type: AlertType) => book.mutedUntilMs(subject, { type, openedAtMs: nowMs }, nowMs));
  const muted = ends.filter((end) => end !== undefined);
  return muted.length < ends.length ? undefined : new Date(Math.min(...muted, LAST_INSTANT_MS)).toISOString();
}

const LAST_INSTANT_MS = Date.parse('9999-12-31T23:59:59.999Z');
