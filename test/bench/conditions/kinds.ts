import { setTimeout as delay } from 'node:timers/promises';
import type { AlertSeverity, AlertType } from '@milepost/contracts';
import type { ReportingVehicle } from './reporting-vehicle.js';
import type { NewGeofence, World } from './world.js';

const dayMs = 86_400_000;
/** From CONNECT until the last week of the certificate begins. */
const untilLastWeekMs = 3_000;
const faultsUntilMisconfigured = 5;
/** More take-overs than the broker suffers. */
const maxTakeOvers = 12;

interface Place {
  latitude: number;
  longitude: number;
}

/** A kind of alert, and how a vehicle comes to it. */
export interface Kind {
  name: string;
  from: string;
  /** @returns ms from what made the alert due until the API showed it */
  measure(world: World, vehicleId: string): Promise<number>;
}

const circle = { inside: { latitude: 46, longitude: 11 }, outside: { latitude: 46.02, longitude: 11 } };
const polygon = { inside: { latitude: 47.005, longitude: 11.01 }, outside: { latitude: 47.02, longitude: 11.01 } };

/** They must be there before a fix is recorded that crosses them. */
export const geofences: readonly NewGeofence[] = [
  { name: 'circle', alertOn: 'both', shape: { type: 'Circle', center: circle.inside, radiusM: 500 } },
  {
    name: 'polygon',
    alertOn: 'both',
    shape: {
      type: 'Polygon',
      coordinates: [
        [
          [11.0, 47.0],
          [11.02, 47.0],
          [11.02, 47.01],
          [11.0, 47.01],
          [11.0, 47.0],
        ],
      ],
    },
  },
];

export const kinds: readonly Kind[] = [
  emergency('sos', 'SOS'),
  emergency('crash', 'crash'),
  reports('dtc', 'PUBACK', [{ dtcs: [{ code: 'P0420', status: 'active' }] }]),
  reports('battery_low', 'PUBACK of the third reading', [volts(11.2), volts(11.1), volts(11)]),
  crossing('geofence_enter', 'circle', circle.outside, circle.inside),
  crossing('geofence_exit', 'circle', circle.inside, circle.outside),
  crossing('geofence_enter', 'polygon', polygon.outside, polygon.inside),
  crossing('geofence_exit', 'polygon', polygon.inside, polygon.outside),
  certificate(20, 'info'),
  certificate(5, 'warning'),
  certificate(0.5, 'critical'),
  { name: 'certificate_expiring, raised', from: 'its last week begins (connected)', measure: lastWeek },
  { name: 'misconfigured', from: 'the fifth close', measure: misconfigured },
  { name: 'identity_conflict', from: 'the refused CONNECT', measure: identityConflict },
];

function emergency(type: AlertType, event: string): Kind {
  const measure: Kind['measure'] = (world, vehicleId) =>
    reporting(world, vehicleId, async (vehicle) => {
      const acknowledgedAtMs = await vehicle.report('location', { recordedAt: Date.now(), ...circle.outside, events: [{ name: event }] });
      return (await world.untilShown(vehicleId, { type })) - acknowledgedAtMs;
    });
  return { name: type, from: 'PUBACK', measure };
}

function reports(type: AlertType, from: string, fields: readonly object[]): Kind {
  const measure: Kind['measure'] = (world, vehicleId) =>
    reporting(world, vehicleId, async (vehicle) => {
      const acknowledgedAtMs = await reportAll(vehicle, 'diagnostics', fields);
      return (await world.untilShown(vehicleId, { type })) - acknowledgedAtMs;
    });
  return { name: type, from, measure };
}

function crossing(type: AlertType, shape: string, before: Place, behind: Place): Kind {
  const measure: Kind['measure'] = (world, vehicleId) =>
    reporting(world, vehicleId, async (vehicle) => {
      const acknowledgedAtMs = await reportAll(vehicle, 'location', [before, before, behind, behind]);
      return (await world.untilShown(vehicleId, { type })) - acknowledgedAtMs;
    });
  return { name: `${type}, ${shape}`, from: 'PUBACK of the second fix beyond', measure };
}

function certificate(days: number, severity: AlertSeverity): Kind {
  const measure: Kind['measure'] = async (world, vehicleId) => {
    const identity = await world.identity(vehicleId, new Date(Date.now() + days * dayMs));
    const vehicle = await world.connect(identity);
    const acceptedAtMs = Date.now();
    const shownAtMs = await world.untilShown(vehicleId, { type: 'certificate_expiring', severity });
    await vehicle.close();
    return shownAtMs - acceptedAtMs;
  };
  return { name: `certificate_expiring, ${days} days`, from: 'CONNACK', measure };
}

async function lastWeek(world: World, vehicleId: string): Promise<number> {
  // A certificate's times are whole seconds.
  const beginsAtMs = Math.ceil((Date.now() + untilLastWeekMs) / 1_000) * 1_000;
  const identity = await world.identity(vehicleId, new Date(beginsAtMs + 7 * dayMs));
  const vehicle = await world.connect(identity);
  await world.untilShown(vehicleId, { type: 'certificate_expiring', severity: 'info' });
  await delay(Math.max(0, beginsAtMs - Date.now()));
  const shownAtMs = await world.untilShown(vehicleId, { type: 'certificate_expiring', severity: 'warning' });
  await vehicle.close();
  return shownAtMs - beginsAtMs;
}

async function misconfigured(world: World, vehicleId: string): Promise<number> {
  const identity = await world.identity(vehicleId);
  for (let fault = 1; fault <= faultsUntilMisconfigured; fault += 1) {
    const vehicle = await world.connect(identity);
    vehicle.send('weather', { rain: true });
    await vehicle.lost;
  }
  const closedAtMs = Date.now();
  return (await world.untilShown(vehicleId, { type: 'misconfigured' })) - closedAtMs;
}

async function identityConflict(world: World, vehicleId: string): Promise<number> {
  const identity = await world.identity(vehicleId);
  const connected: ReportingVehicle[] = [];
  while (connected.length < maxTakeOvers) {
    const vehicle = await world.connect(identity).catch(() => undefined);
    if (vehicle === undefined) {
      const refusedAtMs = Date.now();
      const shownAtMs = await world.untilShown(vehicleId, { type: 'identity_conflict' });
      await connected.at(-1)?.close();
      return shownAtMs - refusedAtMs;
    }
    connected.push(vehicle);
  }
  throw new Error(`${vehicleId} was taken over ${maxTakeOvers} times and never refused`);
}

async function reporting(world: World, vehicleId: string, work: (vehicle: ReportingVehicle) => Promise<number>): Promise<number> {
  const vehicle = await world.connect(await world.identity(vehicleId));
  try {
    return await work(vehicle);
  } finally {
    await vehicle.close();
  }
}

/** One behind the other, each recorded when it is sent. @returns when the last was acknowledged, by `Date.now()` */
async function reportAll(vehicle: ReportingVehicle, topic: string, items: readonly object[]): Promise<number> {
  let acknowledgedAtMs = Number.NaN;
  for (const item of items) acknowledgedAtMs = await vehicle.report(topic, { recordedAt: Date.now(), ...item });
  return acknowledgedAtMs;
}

function volts(value: number): object {
  return { signals: { 'Vehicle.LowVoltageBattery.CurrentVoltage': value } };
}
