import { describe, expect, it } from 'vitest';
import { at, dtc, JudgedVehicle, policyWith, steps, T0, volts } from './conditions.fixture.js';
import { nextLookMs } from './judge-conditions.js';

describe('trouble codes', () => {
  it('an active code opens an alert of its own, again and again is the same one', () => {
    const truck = new JudgedVehicle();
    expect(steps(truck.judge([dtc(0, 'active')]))).toEqual(['open_alert dtc', 'tell_alert dtc']);
    expect(truck.judge([dtc(10, 'active'), dtc(20, 'active')])).toEqual([]);
    expect(steps(truck.judge([dtc(30, 'active', '100/3')]))).toEqual(['open_alert dtc', 'tell_alert dtc']);
    expect(truck.open).toEqual(['dtc/100/3', 'dtc/P0420']);
  });

  it('an old report behind a newer one that cleared the code never opens', () => {
    const truck = new JudgedVehicle();
    truck.judge([dtc(100, 'cleared')]);
    expect(truck.judge([dtc(50, 'active')])).toEqual([]);
  });

  it('a code that is cleared is resolved when it has stayed so, and one that comes back meanwhile was never gone', () => {
    const truck = new JudgedVehicle();
    truck.judge([dtc(0, 'active')]);
    expect(truck.judge([dtc(10, 'cleared')], T0 + 11_000)).toEqual([]);
    expect(nextLookMs(truck.state, policyWith(), T0 + 11_000)).toBe(T0 + 71_000);
    expect(truck.judge([dtc(20, 'active')], T0 + 21_000)).toEqual([]);
    expect(truck.judge([], T0 + 200_000)).toEqual([]);
    truck.judge([dtc(210, 'cleared')], T0 + 211_000);
    expect(steps(truck.judge([], T0 + 272_000))).toEqual(['resolve_alert dtc']);
  });

  it('a report whose voltage comes too late still opens its codes', () => {
    const truck = new JudgedVehicle();
    truck.judge(Array.from({ length: 20 }, (_, index) => volts(100 + index, 12.6)));
    truck.judge([at(10, { kind: 'report', volts: 12.6, dtcs: [{ code: 'P0420', status: 'active' }] })]);
    expect(truck.open).toEqual(['dtc/P0420']);
  });

  it.each(['pending', 'permanent'] as const)(
    'what an older report says of a code that is %s now counts, though it comes later',
    (status) => {
      const truck = new JudgedVehicle();
      truck.judge([dtc(20, status), dtc(10, 'active')]);
      expect(truck.open).toEqual(['dtc/P0420']);
      truck.judge([dtc(40, status), dtc(30, 'cleared')]);
      truck.judge([], T0 + 3_600_000);
      expect(truck.open).toEqual([]);
    },
  );

  it.each(['pending', 'permanent'] as const)('a code that is only %s opens nothing, and leaves an active one as it is', (status) => {
    const truck = new JudgedVehicle();
    expect(truck.judge([dtc(0, status)])).toEqual([]);
    truck.judge([dtc(10, 'active')]);
    expect(truck.judge([dtc(20, status)], T0 + 500_000)).toEqual([]);
    expect(truck.open).toEqual(['dtc/P0420']);
  });
});
