import type { GeofenceShape } from '@milepost/contracts';
import { listGeofences } from '@milepost/database';
import { Command } from 'commander';
import type { Installation } from '../../installation.js';
import { print, table } from '../../output.js';

export const geofencesList = (installation: Installation): Command =>
  new Command('list').description('list the geofences').action(async () => {
    const fences = await installation.withOwner(listGeofences);
    const rows = fences.map(({ organisation, name, alertOn, enabled, group, shape, id, description }) => [
      organisation,
      name,
      enabled ? alertOn : 'off',
      group ?? 'all',
      shapeText(shape),
      id,
      description ?? '',
    ]);
    print(table(['ORGANISATION', 'GEOFENCE', 'ALERT ON', 'VEHICLES', 'SHAPE', 'ID', 'DESCRIPTION'], rows));
  });

function shapeText(shape: GeofenceShape): string {
  if (shape.type === 'Polygon') return `polygon of ${(shape.coordinates[0]?.length ?? 1) - 1} corners`;
  const { center, radiusM } = shape;
  return `${radiusM} m around ${center.latitude},${center.longitude}`;
}
