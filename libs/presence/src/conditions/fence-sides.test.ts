import { describe, expect, it } from 'vitest';
import { at, fix, inDepot, inYard, JudgedVehicle, onTheRoad, steps, T0, yard } from './conditions.fixture.js';

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
