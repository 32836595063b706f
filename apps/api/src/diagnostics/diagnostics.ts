import type { Diagnostics } from '@milepost/contracts';
import { instantText, present } from '../shared/present.js';

/** As sql/api/diagnostics.sql answers. */
export interface DiagnosticsRow {
  recordedAt: Date;
  identity: string;
  receivedAt: Date;
  clockSuspect: boolean;
  sequence: number | null;
  signals: Diagnostics['signals'];
  dtcs: Diagnostics['dtcs'];
  odometerKm: number | null;
  engineHours: number | null;
  attributes: Diagnostics['attributes'] | null;
}

export function diagnosticsOf(row: DiagnosticsRow, vehicleId: string): Diagnostics {
  return present({
    vehicleId,
    recordedAt: instantText(row.recordedAt),
    receivedAt: instantText(row.receivedAt),
    signals: row.signals,
    dtcs: row.dtcs,
    odometerKm: row.odometerKm,
    engineHours: row.engineHours,
    sequence: row.sequence,
    attributes: row.attributes,
    clockSuspect: row.clockSuspect ? true : null,
  });
}
