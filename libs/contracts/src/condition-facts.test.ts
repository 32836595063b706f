import { describe, expect, it } from 'vitest';
import { batteryVolts, emergencyOf } from './condition-facts.js';

describe('what an alert may come of', () => {
  it.each([
    ['SOS', 'sos'],
    ['Panic-Button', 'sos'],
    [' emergency call ', 'sos'],
    ['crash', 'crash'],
    ['Collision', 'crash'],
  ])('takes the event %s for an emergency however it is written', (name, type) => expect(emergencyOf(name)).toBe(type));

  it.each(['harsh_braking', 'crashed_party', '', 'constructor', '__proto__'])('takes the event "%s" for none', (name) =>
    expect(emergencyOf(name)).toBeUndefined(),
  );

  it('reads the voltage of the starter battery, by the newer name first, and only where it is a number', () => {
    expect(
      batteryVolts({ 'Vehicle.LowVoltageBattery.CurrentVoltage': 12.1, 'Vehicle.Powertrain.LowVoltageBattery.CurrentVoltage': 1 }),
    ).toBe(12.1);
    expect(batteryVolts({ 'Vehicle.Powertrain.LowVoltageBattery.CurrentVoltage': 11.2 })).toBe(11.2);
    expect(batteryVolts({ 'Vehicle.LowVoltageBattery.CurrentVoltage': '12.1' })).toBeUndefined();
    expect(batteryVolts({ 'Vehicle.Speed': 12 })).toBeUndefined();
  });
});
