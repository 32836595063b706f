import type { GeofenceShape } from '@milepost/contracts';
import { listGeofences } from '@milepost/database';
import type { Command } from 'commander';
import type { Installation } from '../../reaching/installation.js';
import { listRows } from '../list-rows.js';

export const geofencesList = (installation: Installation): Command =>
  listRows(installation, {
    description: 'list the geofences',
    rows: listGeofences,
    head: ['ORGANISATION', 'GEOFENCE', 'ALERT ON', 'VEHICLES', 'SHAPE', 'ID', 'DESCRIPTION'],
    cells: ({ organisation, name, alertOn, enabled, group, shape, id, description }) => [
      organisation,
      name,
      enabled ? alertOn : 'off',
      group ?? 'all',
      shapeText(shape),
      id,
      description ?? '',
    ],
  });

function shapeText(shape: GeofenceShape): string {
  if (shape.type === 'Polygon') return `polygon of ${(shape.coordinates[0]?.length ?? 1) - 1} corners`;
  const { center, radiusM } = shape;
  return `${radiusM} m around ${center.latitude},${center.longitude}`;
}
