import type { DiagnosticsItem, DtcItem, LocationItem } from '@milepost/contracts';
import type { TruckState } from './truck.js';

const rounded = (value: number, digits: number) => Number(value.toFixed(digits));

/** A fix as the truck's unit sends it. */
export function locationReport(state: TruckState, recordedAt: Date, sequence: number, harshBraking: boolean): LocationItem {
  return {
    recordedAt: recordedAt.toISOString(),
    latitude: rounded(state.latitude, 6),
    longitude: rounded(state.longitude, 6),
    sequence,
    altitudeM: rounded(state.altitudeM, 1),
    speedKph: rounded(state.speedKph, 1),
    headingDeg: rounded(state.headingDeg, 1) % 360,
    accuracyM: 3,
    satellites: 12,
    odometerKm: rounded(state.odometerKm, 2),
    ignition: state.ignition,
    fuelLevelPct: rounded(state.fuelLevelPct, 1),
    ...(harshBraking && { events: [{ name: 'harsh_braking', severity: 'warning' }] }),
  };
}

/** Signals by their names in the COVESA Vehicle Signal Specification 5. */
export function diagnosticsReport(state: TruckState, dtcs: DtcItem[], recordedAt: Date, sequence: number): DiagnosticsItem {
  const moving = state.speedKph > 1;
  return {
    recordedAt: recordedAt.toISOString(),
    sequence,
    signals: {
      'Vehicle.Speed': rounded(state.speedKph, 1),
      'Vehicle.TraveledDistance': rounded(state.odometerKm, 2),
      'Vehicle.LowVoltageBattery.CurrentVoltage': state.ignition ? 27.8 : 25.2,
      'Vehicle.Powertrain.FuelSystem.RelativeLevel': Math.round(state.fuelLevelPct),
      'Vehicle.Powertrain.CombustionEngine.IsRunning': state.ignition,
      'Vehicle.Powertrain.CombustionEngine.Speed': state.ignition ? Math.round(moving ? 900 + 4 * state.speedKph : 600) : 0,
      'Vehicle.Powertrain.CombustionEngine.EngineCoolant.Temperature': state.ignition ? 86 : 55,
      'Vehicle.Powertrain.CombustionEngine.EngineHours': rounded(state.engineHours, 2),
    },
    dtcs,
    odometerKm: rounded(state.odometerKm, 2),
    engineHours: rounded(state.engineHours, 2),
  };
}
