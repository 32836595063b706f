import { describe, expect, it } from 'vitest';
import { at, dtc, fix, inDepot, inYard, JudgedVehicle, onTheRoad, policyWith, steps, T0, volts, yard } from './conditions.fixture.js';
import { nextLookMs } from './judge-conditions.js';

const DAY_MS = 86_400_000;

describe('geofences', () => {
  it('a vehicle that comes in opens enter, and one that leaves resolves it and opens exit, each after two fixes', () => {
    const truck = new JudgedVehicle();
    truck.judge([fix(0, onTheRoad), fix(10, onTheRoad)]);
    expect(truck.judge([fix(20, inYard)])).toEqual([]);
    const [opened, told] = truck.judge([fix(30, inYard)]);
    expect(opened).toMatchObject({
      kind: 'open_alert',
      type: 'geofence_enter',
      key: 'yard',
      openedAtMs: T0 + 31_000,
      latenessMs: 200,
      condition: { geofenceId: 'yard', geofenceName: 'Yard', position: inYard, recordedAt: '2026-11-20T08:00:30.000Z' },
    });
    expect(told).toMatchObject({ kind: 'tell_alert', type: 'geofence_enter', key: 'yard', again: false });
    expect(steps(truck.judge([fix(40, onTheRoad), fix(50, onTheRoad)]))).toEqual([
      'resolve_alert geofence_enter',
      'open_alert geofence_exit',
      'tell_alert geofence_exit',
    ]);
    expect(truck.open).toEqual(['geofence_exit/yard']);
  });

  it('where a vehicle is first seen is no crossing', () => {
    const truck = new JudgedVehicle();
    expect(truck.judge([fix(0, inYard), fix(10, inYard), fix(20, inYard)])).toEqual([]);
    const other = new JudgedVehicle();
    expect(other.judge([fix(0, onTheRoad), fix(10, onTheRoad), fix(20, onTheRoad)])).toEqual([]);
  });

  it('a fence that tells exits alone stays silent about entries', () => {
    const truck = new JudgedVehicle();
    truck.judge([fix(0, onTheRoad), fix(10, onTheRoad), fix(20, inDepot), fix(30, inDepot)]);
    expect(truck.open).toEqual([]);
    truck.judge([fix(40, onTheRoad), fix(50, onTheRoad)]);
    expect(truck.open).toEqual(['geofence_exit/depot']);
  });

  it('a fix at the edge, or less certain than the policy wants, decides nothing', () => {
    const truck = new JudgedVehicle();
    truck.judge([fix(0, inYard), fix(10, inYard)]);
    // 11 m beyond the northern edge: within the margin.
    const atTheEdge = { latitude: 51.0101, longitude: 7.01 };
    expect(
      truck.judge([
        fix(20, atTheEdge),
        fix(30, atTheEdge),
        fix(40, { ...onTheRoad, accuracyM: 500 }),
        fix(50, { ...onTheRoad, accuracyM: 500 }),
      ]),
    ).toEqual([]);
    // 40 m beyond it, known to 60 m.
    const unclear = { latitude: 51.01036, longitude: 7.01, accuracyM: 60 };
    expect(truck.judge([fix(60, unclear), fix(70, unclear)])).toEqual([]);
    truck.judge([fix(80, { ...unclear, accuracyM: 5 }), fix(90, { ...unclear, accuracyM: 5 })]);
    expect(truck.open).toEqual(['geofence_exit/yard']);
  });

  it('one fix that jumps out and back is no exit', () => {
    const truck = new JudgedVehicle();
    truck.judge([fix(0, inYard), fix(10, inYard)]);
    expect(truck.judge([fix(20, onTheRoad), fix(30, inYard), fix(40, onTheRoad), fix(50, inYard)])).toEqual([]);
  });

  it('late old fixes never fire an exit of a vehicle that is inside', () => {
    const truck = new JudgedVehicle({ fences: [{ ...yard, alertOn: 'exit' }] });
    truck.judge([fix(0, inYard), fix(10, inYard), fix(100, inYard), fix(110, inYard)]);
    expect(truck.judge([fix(50, onTheRoad), fix(60, onTheRoad), fix(70, onTheRoad)])).toEqual([]);
  });

  it('late fixes that show that it had left make its being back an entry', () => {
    const truck = new JudgedVehicle();
    truck.judge([fix(0, inYard), fix(10, inYard), fix(100, inYard), fix(110, inYard)]);
    truck.judge([fix(50, onTheRoad), fix(60, onTheRoad)]);
    expect(truck.open).toEqual(['geofence_enter/yard']);
  });

  it('late fixes that show when it really left correct the alert, and tell nobody again', () => {
    const truck = new JudgedVehicle();
    truck.judge([fix(100, onTheRoad), fix(110, onTheRoad)]);
    truck.judge([fix(0, inYard), fix(10, inYard)]);
    expect(truck.recordedAt).toEqual({ 'geofence_exit/yard': '2026-11-20T08:01:50.000Z' });
    const effects = truck.judge([fix(20, onTheRoad), fix(30, onTheRoad)]);
    expect(effects.map(({ kind }) => kind)).toEqual(['annotate_alert', 'annotate_alert']);
    expect(truck.recordedAt).toEqual({ 'geofence_exit/yard': '2026-11-20T08:00:30.000Z' });
    expect(truck.judge([fix(120, onTheRoad)])).toEqual([]);
  });

  it('fixes older than all that may still be put in order count as late and change nothing', () => {
    const truck = new JudgedVehicle();
    truck.judge(Array.from({ length: 20 }, (_, index) => fix(100 + index, inYard)));
    expect(truck.judge([fix(1, onTheRoad), fix(2, onTheRoad)])).toEqual([]);
    expect(truck.late).toBe(2);
  });

  it('a visit that lies within one late batch was a visit: opened, told and resolved', () => {
    const truck = new JudgedVehicle();
    truck.judge([fix(0, onTheRoad), fix(10, onTheRoad)]);
    const effects = truck.judge([fix(20, inYard), fix(30, inYard), fix(40, onTheRoad), fix(50, onTheRoad)]);
    expect(steps(effects).filter((step) => step.endsWith('geofence_enter'))).toEqual([
      'open_alert geofence_enter',
      'tell_alert geofence_enter',
      'resolve_alert geofence_enter',
    ]);
  });

  it('a fence that is gone resolves what it opened, at the next look', () => {
    const truck = new JudgedVehicle();
    truck.judge([fix(0, onTheRoad), fix(10, onTheRoad), fix(20, inYard), fix(30, inYard)]);
    truck.fences = [];
    expect(steps(truck.judge([at(40, { kind: 'recheck' })]))).toEqual(['resolve_alert geofence_enter']);
    truck.fences = [yard];
    expect(truck.judge([fix(50, inYard), fix(60, inYard)])).toEqual([]);
  });
});

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

describe('certificates', () => {
  const shown = (second: number, daysLeft: number, serial = '01') =>
    at(second, { kind: 'certificate', serial, notAfterMs: T0 + daysLeft * DAY_MS });

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
  const shown = (second: number, daysLeft: number, serial: string) =>
    at(second, { kind: 'certificate', serial, notAfterMs: T0 + daysLeft * DAY_MS });

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

describe('policies', () => {
  it('a condition that is switched off opens nothing, and resolves what is open at the next look', () => {
    const truck = new JudgedVehicle();
    truck.judge([dtc(0, 'active')]);
    truck.policies = { ...truck.policies, policyOf: () => policyWith({ conditionsOff: ['dtc'] }) };
    expect(steps(truck.judge([dtc(10, 'active', 'P0300')]))).toEqual(['resolve_alert dtc']);
  });

  it('a muted alert is open and told when the mute ends; one that is over by then without a word', () => {
    const truck = new JudgedVehicle();
    const mutedUntilMs = T0 + 30_000;
    truck.policies = { ...truck.policies, mutedUntilMs: (_subject, _telling, atMs) => (atMs < mutedUntilMs ? mutedUntilMs : undefined) };
    expect(steps(truck.judge([dtc(0, 'active')]))).toEqual(['open_alert dtc']);
    expect(truck.judge([], T0 + 20_000)).toEqual([]);
    expect(steps(truck.judge([], T0 + 30_000))).toEqual(['tell_alert dtc']);
  });

  it('is told again after the interval of the policy', () => {
    const truck = new JudgedVehicle({ policy: policyWith({}, { renotifyMs: 60_000 }) });
    truck.judge([dtc(0, 'active')], T0 + 2_000);
    expect(truck.judge([], T0 + 50_000)).toEqual([]);
    expect(truck.judge([], T0 + 62_000)).toMatchObject([{ kind: 'tell_alert', again: true }]);
  });

  it('another interval holds for what is open and told already', () => {
    const truck = new JudgedVehicle();
    truck.judge([dtc(0, 'active')], T0 + 2_000);
    const reminded = (renotifyMs: number, nowMs: number) => {
      truck.policies = { ...truck.policies, policyOf: () => policyWith({}, { renotifyMs }) };
      return truck.judge([], nowMs);
    };
    expect(reminded(60_000, T0 + 30_000)).toEqual([]);
    expect(nextLookMs(truck.state, policyWith(), T0 + 30_000)).toBe(T0 + 62_000);
    expect(reminded(600_000, T0 + 62_000)).toEqual([]);
    expect(reminded(60_000, T0 + 70_000)).toMatchObject([{ kind: 'tell_alert', again: true }]);
    expect(reminded(0, T0 + 200_000)).toEqual([]);
  });

  it('two alerts of a vehicle never open in the same millisecond, so that a snooze means one of them', () => {
    const truck = new JudgedVehicle();
    truck.judge([
      at(0, {
        kind: 'report',
        dtcs: [
          { code: 'P0420', status: 'active' },
          { code: 'P0300', status: 'active' },
        ],
      }),
    ]);
    expect(new Set(truck.state.open.map(({ openedAtMs }) => openedAtMs)).size).toBe(2);
  });
});
