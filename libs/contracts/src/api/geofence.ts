import Type, { type Static } from 'typebox';
import { instant, name, optional, text } from './fields.js';

/** As JSON Schema 2020-12 writes a tuple, which OpenAPI 3.1 is made of; `Type.Tuple` writes it as earlier drafts did. */
const position = Type.Unsafe<[longitude: number, latitude: number]>({
  type: 'array',
  prefixItems: [Type.Number({ minimum: -180, maximum: 180 }), Type.Number({ minimum: -90, maximum: 90 })],
  minItems: 2,
  maxItems: 2,
  description: 'Longitude, latitude: degrees, WGS 84',
});

export const maxRings = 16;
export const maxRingPositions = 1_000;

export const CircleSchema = Type.Object(
  {
    type: Type.Literal('Circle'),
    center: Type.Object(
      { latitude: Type.Number({ minimum: -90, maximum: 90 }), longitude: Type.Number({ minimum: -180, maximum: 180 }) },
      { additionalProperties: false },
    ),
    radiusM: Type.Number({ minimum: 10, maximum: 1_000_000 }),
  },
  { additionalProperties: false },
);
export type Circle = Static<typeof CircleSchema>;

export const PolygonSchema = Type.Object(
  {
    type: Type.Literal('Polygon'),
    coordinates: Type.Array(Type.Array(position, { minItems: 4, maxItems: maxRingPositions }), {
      minItems: 1,
      maxItems: maxRings,
      description: 'RFC 7946: closed rings, the outer first, holes behind it',
    }),
  },
  { additionalProperties: false },
);
export type Polygon = Static<typeof PolygonSchema>;

export const GeofenceShapeSchema = Type.Union([CircleSchema, PolygonSchema]);
export type GeofenceShape = Static<typeof GeofenceShapeSchema>;

/** Whether to go in, to go out, or either is an alert. */
export const geofenceCrossings = ['enter', 'exit', 'both'] as const;
export type GeofenceCrossing = (typeof geofenceCrossings)[number];

const said = {
  name,
  description: text(512),
  alertOn: Type.Enum([...geofenceCrossings], {
    description: 'enter: a geofence_enter alert is open while a vehicle that came in is inside; exit: geofence_exit while it is outside',
  }),
  enabled: Type.Boolean(),
};
const groupId = Type.String({ description: 'Only vehicles of this group; of all unless given' });

export const GeofenceCreateSchema = Type.Object(
  {
    name: said.name,
    shape: GeofenceShapeSchema,
    description: optional(said.description),
    alertOn: optional(said.alertOn),
    enabled: optional(said.enabled),
    groupId: optional(groupId),
  },
  { additionalProperties: false },
);

/** What is not named stays as it is. Another shape is another geofence. */
export const GeofenceUpdateSchema = Type.Partial(Type.Object(said), { additionalProperties: false, minProperties: 1 });

export const GeofenceSchema = Type.Object({
  id: Type.String(),
  name: Type.String({ description: 'Unique in the organisation' }),
  description: optional(Type.String()),
  shape: GeofenceShapeSchema,
  alertOn: said.alertOn,
  enabled: said.enabled,
  groupId: optional(groupId),
  createdAt: instant,
  updatedAt: instant,
});
export type Geofence = Static<typeof GeofenceSchema>;

/** Of one organisation: each fix is held against all of them. */
export const maxGeofences = 200;
