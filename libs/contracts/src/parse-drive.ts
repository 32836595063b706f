import { isVehicleId, type VehicleId, vehicleIdPattern } from './vehicle-id.js';

/** One recorded fix. */
export interface DriveFix {
  latitude: number;
  longitude: number;
  altitudeM?: number;
  speedKph?: number;
  /** From the start of the recording. */
  atMs: number;
}

/** The recording cannot be replayed; the message says where. */
export class DriveError extends Error {
  readonly code = 'drive_unreadable';
  constructor(message: string) {
    super(message);
    this.name = 'DriveError';
  }
}

/**
 * Who drives again what a file recorded.
 * @param name of the file, without folder and extension
 * @throws DriveError when the name makes no vehicle id.
 */
export function driveVehicleId(name: string): VehicleId {
  const id = `replay-${name}`;
  if (isVehicleId(id)) return id;
  throw new DriveError(`It would be replayed as vehicle "${id}", which does not match ${vehicleIdPattern}: rename the file.`);
}

const header = 'field,signal,value,delay';
const columns = header.split(',').length;
/** What is older is no longer stored, and of ages a Date has no words. */
const longestS = 90 * 86_400;
const signals = {
  'Vehicle.CurrentLocation.Latitude': 'latitude',
  'Vehicle.CurrentLocation.Longitude': 'longitude',
  'Vehicle.CurrentLocation.Altitude': 'altitudeM',
  'Vehicle.Speed': 'speedKph',
} as const;

/**
 * Reads a recording with the columns field, signal, value, delay (seconds to wait after the row; COVESA csv-provider).
 * A Latitude begins a fix; Longitude, Altitude and Speed up to the next Latitude belong to it, the last of each counts. Other signals are passed over.
 * @throws DriveError naming the line.
 */
export function parseDrive(text: string): DriveFix[] {
  const [head = '', ...lines] = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  if (head.trim().toLowerCase() !== header) throw new DriveError(`Line 1 must be "${header}", it is "${head.slice(0, 80)}".`);
  const fixes: { values: Partial<Record<(typeof signals)[keyof typeof signals], number>>; atMs: number; line: number }[] = [];
  let elapsedS = 0;
  for (const [index, row] of lines.entries()) {
    if (row.trim() === '') continue;
    const line = index + 2;
    const cells = row.split(',').map((cell) => cell.trim());
    if (cells.length < columns)
      throw new DriveError(`Line ${line} has ${cells.length} of the ${columns} columns ${header}: "${row.slice(0, 80)}".`);
    const [, signal = '', value = '', delay = ''] = cells;
    const name = signals[signal as keyof typeof signals];
    if (name === 'latitude') fixes.push({ values: {}, atMs: Math.round(elapsedS * 1_000), line });
    const fix = fixes.at(-1);
    if (name !== undefined && fix !== undefined) fix.values[name] = numberIn(value, `The value of ${signal}`, line);
    const waitS = numberIn(delay, 'The delay', line);
    if (waitS < 0) throw new DriveError(`The delay on line ${line} is negative: "${delay}".`);
    elapsedS += waitS;
    if (elapsedS > longestS) throw new DriveError(`By line ${line} the drive is longer than 90 days; the delay is in seconds.`);
  }
  if (fixes.length === 0) throw new DriveError('It holds no Vehicle.CurrentLocation.Latitude.');
  return fixes.map(({ values: { latitude, longitude, ...rest }, atMs, line }) => {
    if (latitude === undefined || longitude === undefined) throw new DriveError(`The Latitude on line ${line} has no Longitude.`);
    return { latitude, longitude, ...rest, atMs };
  });
}

function numberIn(text: string, what: string, line: number): number {
  const value = text === '' ? Number.NaN : Number(text);
  if (!Number.isFinite(value)) throw new DriveError(`${what} on line ${line} is not a number: "${text.slice(0, 40)}".`);
  return value;
}
