import { describe, expect, it } from 'vitest';
import { JudgedVehicle, steps, volts } from './conditions.fixture.js';

describe('battery', () => {
  it('is low after three readings below the threshold in a row, and well after three above threshold and margin', () => {
    const truck = new JudgedVehicle();
    expect(truck.judge([volts(0, 11.5), volts(10, 11.5), volts(20, 12.4), volts(30, 11.7), volts(40, 11.6)])).toEqual([]);
    const [opened] = truck.judge([volts(50, 11.4)]);
    expect(opened).toMatchObject({ type: 'battery_low', severity: 'warning', condition: { volts: 11.4, thresholdVolts: 11.8 } });
    expect(truck.judge([volts(60, 12), volts(70, 12.1), volts(80, 11.9), volts(90, 12.3), volts(100, 12.3)])).toEqual([]);
    expect(steps(truck.judge([volts(110, 12.3)]))).toEqual(['resolve_alert battery_low']);
  });

  it('a late low reading behind newer good ones opens nothing', () => {
    const truck = new JudgedVehicle();
    truck.judge([volts(100, 12.6), volts(110, 12.6), volts(120, 12.6)]);
    expect(truck.judge([volts(10, 11), volts(20, 11), volts(30, 11)])).toEqual([]);
  });
});
