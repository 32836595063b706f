import Type from 'typebox';

const uuid = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;

/** Ids are opaque to clients: one that cannot be is one that is not there. */
export const isUuid = (text: string): boolean => uuid.test(text);

const idOf = (description: string) => Type.Object({ id: Type.String({ description }) });

/** The `:id` of a path, by what it is the id of. */
export const pathId = {
  vehicle: idOf('The vehicle, by the id in its certificate (`vehicleId`)'),
  group: idOf('The group, by the `id` that GET /v1/vehicle-groups shows'),
  alert: idOf('The alert, by the `id` that GET /v1/alerts shows'),
  incident: idOf('The incident, by the `id` that GET /v1/incidents shows'),
  geofence: idOf('The geofence, by the `id` that GET /v1/geofences shows'),
  mute: idOf('The mute, by the `id` that GET /v1/mutes shows'),
  webhook: idOf('The webhook, by the `id` that GET /v1/webhooks shows'),
} as const;
