import { sql } from '@milepost/database';
import Type from 'typebox';
import { principalOf } from '../authentication.js';
import { type FixRow, fixOf } from '../locations/fix.js';
import { problemResponses } from '../problems/responses.js';
import type { Route } from '../route.js';
import { bboxOf, bboxQuery } from '../shared/bbox.js';
import { cursorFormat } from '../shared/cursor.js';
import { maxPageBytes, pageOf, pageQueryOfAnySize, pageSizeOf, roomFor } from '../shared/page.js';
import { pageSchemaOf } from '../shared/references.js';
import { featureCollectionOf, geoJsonMediaType, prefersGeoJson } from './geojson.js';

type PositionRow = FixRow & { vehicle: number; vehicleId: string; fits: boolean };

const statement = sql('api/positions');
const cursor = cursorFormat('positions', { vehicle: 'integer' });

const FeatureCollection = Type.Object(
  {
    type: Type.Literal('FeatureCollection'),
    features: Type.Array(
      Type.Object({
        type: Type.Literal('Feature'),
        id: Type.String(),
        geometry: Type.Object({ type: Type.Literal('Point'), coordinates: Type.Array(Type.Number(), { minItems: 2, maxItems: 3 }) }),
        properties: Type.Record(Type.String(), Type.Unknown()),
      }),
    ),
    nextCursor: Type.Optional(Type.String()),
  },
  { description: 'RFC 7946; properties are the fix without latitude and longitude' },
);

export const listPositions: Route = (app, { database }) => {
  app.route({
    method: 'GET',
    url: '/v1/positions',
    config: { scope: 'read' },
    schema: {
      tags: ['vehicles'],
      operationId: 'listPositions',
      summary: 'The newest valid fix of every vehicle',
      description: 'Within a box, or everywhere. GeoJSON for `Accept: application/geo+json`.',
      querystring: Type.Object({ ...bboxQuery, ...pageQueryOfAnySize }, { additionalProperties: false }),
      response: {
        200: {
          description: 'A page of fixes, one a vehicle',
          content: { 'application/json': { schema: pageSchemaOf('Fix') }, [geoJsonMediaType]: { schema: FeatureCollection } },
        },
        ...problemResponses('invalid_cursor'),
      },
    },
    handler: async (request, reply) => {
      const { query } = request;
      const { south, north, longitudes } = bboxOf(query.bbox);
      const [first, second = first] = longitudes;
      const size = pageSizeOf(query);
      const after = query.cursor === undefined ? 0 : cursor.read(query.cursor).vehicle;
      const rows = await database.as(principalOf(request), (view) =>
        view.rows<PositionRow>(statement, [after, south, north, ...first, ...second, size + 1, maxPageBytes]),
      );
      const page = pageOf(rows, roomFor(rows, size), {
        item: (row) => fixOf(row, row.vehicleId),
        cursor,
        place: ({ vehicle }) => ({ vehicle }),
      });
      void reply.header('vary', 'accept');
      return prefersGeoJson(request.headers.accept) ? reply.type(geoJsonMediaType).send(featureCollectionOf(page)) : reply.send(page);
    },
  });
};
