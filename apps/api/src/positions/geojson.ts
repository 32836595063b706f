import type { Fix } from '@milepost/contracts';
import type { Page } from '../shared/page.js';

export const geoJsonMediaType = 'application/geo+json';

/** RFC 7946: longitude first; the height, where there is one, in metres. `nextCursor` is a foreign member (§6.1). */
export function featureCollectionOf({ items, nextCursor }: Page<Fix>) {
  return { type: 'FeatureCollection' as const, features: items.map(featureOf), ...(nextCursor === undefined ? {} : { nextCursor }) };
}

function featureOf({ latitude, longitude, ...properties }: Fix) {
  const coordinates = [longitude, latitude, properties.altitudeM].filter((value) => value !== undefined);
  return { type: 'Feature' as const, id: properties.vehicleId, geometry: { type: 'Point' as const, coordinates }, properties };
}

/** Whether an Accept header (RFC 9110 §12.5.1) likes GeoJSON better than plain JSON. Wildcards mean plain JSON. */
export function prefersGeoJson(accept: string | undefined): boolean {
  const geoJson = qualityOf(accept, geoJsonMediaType);
  return geoJson > 0 && geoJson >= qualityOf(accept, 'application/json');
}

function qualityOf(accept = '', mediaType: string): number {
  for (const range of accept.split(',')) {
    const [type, ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    if (type !== mediaType) continue;
    const quality = parameters.find((parameter) => parameter.startsWith('q='));
    return quality === undefined ? 1 : Number(quality.slice(2)) || 0;
  }
  return 0;
}
