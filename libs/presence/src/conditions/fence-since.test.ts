import { describe, expect, it } from 'vitest';
import { fix, inYard, JudgedVehicle, onTheRoad, steps, T0, yard } from './conditions.fixture.js';

const since = (second: number) => [{ ...yard, sinceMs: T0 + second * 1_000 }];

describe('a geofence', () => {
  it('is crossed by nothing that was recorded before it was made, however late that comes', () => {
    const truck = new JudgedVehicle({ fences: [] });
    truck.judge([fix(10, onTheRoad), fix(20, onTheRoad), fix(30, onTheRoad)]);
    truck.fences = since(60);
    truck.judge([fix(70, inYard), fix(80, inYard)]);
    // The way there was before, and comes now.
    expect(truck.judge([fix(40, onTheRoad), fix(50, onTheRoad), fix(90, inYard)])).toEqual([]);
    expect(truck.open).toEqual([]);
    expect(steps(truck.judge([fix(100, onTheRoad), fix(110, onTheRoad)]))).toEqual([
      'open_alert geofence_exit',
      'tell_alert geofence_exit',
    ]);
  });

  it('that is turned on again knows no side from before it was turned off', () => {
    const truck = new JudgedVehicle({ fences: since(0) });
    truck.judge([fix(10, inYard), fix(20, inYard)]);
    // Off and on again while the vehicle said nothing.
    truck.fences = since(60);
    expect(truck.judge([fix(70, onTheRoad), fix(80, onTheRoad)])).toEqual([]);
    expect(steps(truck.judge([fix(90, inYard), fix(100, inYard)]))).toEqual(['open_alert geofence_enter', 'tell_alert geofence_enter']);
  });

  it('that is turned on again resolves what it had opened before', () => {
    const truck = new JudgedVehicle({ fences: since(0) });
    truck.judge([fix(10, onTheRoad), fix(20, onTheRoad), fix(30, inYard), fix(40, inYard)]);
    expect(truck.open).toEqual(['geofence_enter/yard']);
    truck.fences = since(60);
    expect(steps(truck.judge([]))).toEqual(['resolve_alert geofence_enter']);
  });

  it('of which sides were stored before moments were, keeps them', () => {
    const truck = new JudgedVehicle({ fences: since(0) });
    truck.judge([fix(10, inYard), fix(20, inYard)]);
    truck.state = JSON.parse(JSON.stringify(truck.state).replaceAll(/,"sinceMs":\d+/g, ''));
    expect(JSON.stringify(truck.state)).not.toContain('sinceMs');
    truck.judge([fix(30, onTheRoad), fix(40, onTheRoad)]);
    expect(truck.open).toEqual(['geofence_exit/yard']);
  });

  it('of which sides were stored before moments were, forgets them too when it is turned off and on', () => {
    const truck = new JudgedVehicle({ fences: since(0) });
    truck.judge([fix(10, inYard), fix(20, inYard)]);
    truck.state = JSON.parse(JSON.stringify(truck.state).replaceAll(/,"sinceMs":\d+/g, ''));
    // Judged once as it is, then off and on again while the vehicle said nothing.
    truck.judge([fix(30, inYard)]);
    truck.fences = since(60);
    expect(truck.judge([fix(70, onTheRoad), fix(80, onTheRoad)])).toEqual([]);
    expect(truck.open).toEqual([]);
  });
});
