import { describe, expect, it } from 'vitest';
import { at, JudgedVehicle, policyWith, steps, T0 } from './conditions.fixture.js';
import { nextLookMs } from './judge-conditions.js';

const DAY_MS = 86_400_000;

const shown = (second: number, daysLeft: number, serial = '01') =>
  at(second, { kind: 'certificate', serial, notAfterMs: T0 + daysLeft * DAY_MS });

describe('certificates', () => {
  it('one alert whose severity rises at 30, 7 and 1 days, told at each', () => {
    const truck = new JudgedVehicle();
    expect(truck.judge([shown(0, 40)])).toEqual([]);
    expect(nextLookMs(truck.state, policyWith(), T0)).toBe(T0 + 10 * DAY_MS);
    expect(truck.judge([], T0 + 10 * DAY_MS)).toMatchObject([
      {
        kind: 'open_alert',
        type: 'certificate_expiring',
        severity: 'info',
        condition: { serial: '01', notAfter: '2026-12-30T08:00:00.000Z' },
      },
      { kind: 'tell_alert' },
    ]);
    expect(truck.judge([], T0 + 33 * DAY_MS)).toMatchObject([{ kind: 'raise_alert', severity: 'warning' }, { kind: 'tell_alert' }]);
    expect(truck.judge([], T0 + 39 * DAY_MS)).toMatchObject([{ kind: 'raise_alert', severity: 'critical' }, { kind: 'tell_alert' }]);
    expect(truck.judge([], T0 + 41 * DAY_MS)).toEqual([]);
  });

  it('a connection with a newer certificate resolves it, an older connection heard of later does not undo that', () => {
    const truck = new JudgedVehicle();
    truck.judge([shown(0, 5)]);
    expect(truck.open).toEqual(['certificate_expiring']);
    expect(steps(truck.judge([shown(20, 365, '02')]))).toEqual(['resolve_alert certificate_expiring']);
    expect(truck.judge([shown(10, 5)])).toEqual([]);
  });
});

describe('a certificate in place of one that ends soon', () => {
  it('that ends later, though soon too, is an alert of its own, with its own severity, that rises again', () => {
    const truck = new JudgedVehicle();
    truck.judge([shown(0, 0.5, '01')]);
    expect(truck.judge([shown(20, 20, '02')])).toMatchObject([
      { kind: 'resolve_alert', type: 'certificate_expiring' },
      { kind: 'open_alert', severity: 'info', condition: { serial: '02' } },
      { kind: 'tell_alert' },
    ]);
    expect(truck.judge([shown(40, 20, '02')])).toEqual([]);
    expect(truck.judge([], T0 + 14 * DAY_MS)).toMatchObject([{ kind: 'raise_alert', severity: 'warning' }, { kind: 'tell_alert' }]);
  });

  it('that ends sooner raises the alert that is open', () => {
    const truck = new JudgedVehicle();
    truck.judge([shown(0, 20, '01')]);
    expect(truck.judge([shown(20, 0.5, '02')])).toMatchObject([
      { kind: 'raise_alert', severity: 'critical', condition: { serial: '02' } },
      { kind: 'tell_alert' },
    ]);
    expect(truck.judge([shown(40, 0.5, '02')])).toEqual([]);
  });
});
