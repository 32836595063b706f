import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { DriveError, driveVehicleId, parseDrive } from './parse-drive.js';

const recording = (...rows: string[]) => ['field,signal,value,delay', ...rows.map((row) => `current,Vehicle.${row}`)].join('\n');

describe('parseDrive', () => {
  it('makes one fix of a Latitude and what follows it, at the sum of the delays before it', () => {
    const text = recording(
      'CurrentLocation.Latitude,43.40367126464844,0.5',
      'CurrentLocation.Longitude,-80.525383,0',
      'CurrentLocation.Altitude,375,0',
      'Speed,22.572,0.998',
      'Cabin.Door.IsOpen,true,0.002',
      'CurrentLocation.Latitude,43.5,0',
      'CurrentLocation.Longitude,-80.6,0',
      'Speed,1,0',
      'Speed,2,0',
    );
    expect(parseDrive(text)).toEqual([
      { latitude: 43.40367126464844, longitude: -80.525383, altitudeM: 375, speedKph: 22.572, atMs: 0 },
      { latitude: 43.5, longitude: -80.6, speedKph: 2, atMs: 1_500 },
    ]);
  });

  it.each([
    ['a header that is another', 'lat,lon\n1,2', /Line 1/],
    ['no fix at all', recording('Speed,1,0'), /holds no/],
    ['a latitude without longitude', recording('CurrentLocation.Latitude,1,0'), /line 2 has no Longitude/],
    ['a value that is no number', recording('CurrentLocation.Latitude,north,0'), /line 2 is not a number: "north"/],
    ['a delay that is missing', recording('CurrentLocation.Latitude,1,'), /delay on line 2/],
    [
      'a row that breaks off',
      recording('CurrentLocation.Latitude,1'),
      /^Line 2 has 3 of the 4 columns field,signal,value,delay: "current,/,
    ],
    ['a delay that is negative', recording('CurrentLocation.Latitude,1,-1'), /line 2 is negative/],
    [
      'delays in milliseconds',
      recording('CurrentLocation.Latitude,1,0', 'CurrentLocation.Longitude,1,7776001'),
      /line 3.*90 days.*seconds/,
    ],
    ['a drive without an end', recording('CurrentLocation.Latitude,1,1e300'), /line 2.*90 days/],
  ])('refuses %s and says where', (_, text, message) => {
    expect(() => parseDrive(text)).toThrow(DriveError);
    expect(() => parseDrive(text)).toThrow(message);
  });

  const drive = new URL('../../../../shared/data/covesa-drive.csv', import.meta.url);
  it.runIf(existsSync(drive))('reads 471 fixes of the COVESA drive, each at a time of its own', () => {
    const fixes = parseDrive(readFileSync(drive, 'utf8'));
    expect(fixes).toHaveLength(471);
    expect(fixes.at(-1)).toMatchObject({ latitude: 43.40362548828125, longitude: -80.52514648, speedKph: 0.072 });
    expect(fixes.every((fix, index) => index === 0 || fix.atMs > (fixes[index - 1]?.atMs ?? 0))).toBe(true);
  });
});

it('calls the vehicle of a drive after its file', () => {
  expect(driveVehicleId('covesa-drive')).toBe('replay-covesa-drive');
  expect(() => driveVehicleId('my drive')).toThrow(/rename the file/);
});
