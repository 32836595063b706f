import type { Fix } from '@milepost/contracts';
import { instantText, present } from '../shared/present.js';

/** A fix as the statements of sql/api answer. */
export interface FixRow {
  recordedAt: Date;
  receivedAt: Date;
  latitude: number | null;
  longitude: number | null;
  fixValid: boolean;
  clockSuspect: boolean;
  sequence: number | null;
  altitudeM: number | null;
  speedKph: number | null;
  headingDeg: number | null;
  accuracyM: number | null;
  hdop: number | null;
  satellites: number | null;
  odometerKm: number | null;
  ignition: boolean | null;
  fuelLevelPct: number | null;
  driverId: string | null;
  events: Fix['events'] | null;
  attributes: Fix['attributes'] | null;
}

export function fixOf(row: FixRow, vehicleId: string): Fix {
  return present({
    vehicleId,
    recordedAt: instantText(row.recordedAt),
    receivedAt: instantText(row.receivedAt),
    latitude: row.latitude,
    longitude: row.longitude,
    fixValid: row.fixValid,
    clockSuspect: row.clockSuspect ? true : null,
    sequence: row.sequence,
    altitudeM: row.altitudeM,
    speedKph: row.speedKph,
    headingDeg: row.headingDeg,
    accuracyM: row.accuracyM,
    hdop: row.hdop,
    satellites: row.satellites,
    odometerKm: row.odometerKm,
    ignition: row.ignition,
    fuelLevelPct: row.fuelLevelPct,
    driverId: row.driverId,
    events: row.events,
    attributes: row.attributes,
  });
}
